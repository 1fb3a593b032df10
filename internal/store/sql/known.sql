-- Validators and hashes of the pages last extracted: they are in this table only once their signals are
-- durable, and a read that was unchanged or failed leaves them as they were.
SELECT
    domain, url,
    argMax(p.etag, p.fetched_at) AS etag, argMax(p.last_modified, p.fetched_at) AS last_modified,
    argMax(p.content_hash, p.fetched_at) AS content_hash, argMax(p.simhash, p.fetched_at) AS simhash, argMax(p.kind, p.fetched_at) AS kind
FROM pages AS p
WHERE domain IN {domains:Array(String)} AND NOT unchanged AND error = '' AND p.content_hash != ''
GROUP BY domain, url
ORDER BY domain, max(p.fetched_at) DESC, url
LIMIT {limit:UInt32} BY domain
