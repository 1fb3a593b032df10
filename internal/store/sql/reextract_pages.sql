-- The reads that were extracted again say so.
INSERT INTO pages
SELECT p.* REPLACE ({version:String} AS extractor_version, r.found AS signals)
FROM (SELECT * FROM pages FINAL WHERE (domain, url, fetched_at) IN (SELECT domain, url, read_at FROM reextract_reads WHERE run_id = {run_id:String} AND page)) AS p
INNER JOIN (SELECT domain, url, read_at, max(reextract_reads.found) AS found FROM reextract_reads WHERE run_id = {run_id:String} AND page GROUP BY domain, url, read_at) AS r
    ON r.domain = p.domain AND r.url = p.url AND r.read_at = p.fetched_at
