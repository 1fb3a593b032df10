-- What newer rules find in what was read again, beside what is stored of the same addresses. Not found again is removed only
-- where the first and the last fetch that showed it, and every other read between that was extracted, were read again.
INSERT INTO reextract_changes (run_id, change, domain, kind, name, product, url, signal_id, was, now, dated, detected_at, last_seen, source,
    evidence_offset, content_hash, extractor_version)
WITH
    again AS
    (
        SELECT domain, url, groupUniqArray(read_at) AS at FROM reextract_reads WHERE run_id = {run_id:String} GROUP BY domain, url
    ),
    stored AS
    (
        SELECT s.*, true AS stored, a.at AS again_at
        FROM (SELECT * FROM signal_states WHERE domain IN (SELECT domain FROM reextract_reads WHERE run_id = {run_id:String}) AND NOT retired) AS s
        INNER JOIN again AS a ON a.domain = s.domain AND a.url = s.url
    ),
    between AS
    (
        SELECT domain, url, groupUniqArray(fetched_at) AS at
        FROM pages
        WHERE NOT unchanged AND error = '' AND (domain, url) IN (SELECT domain, url FROM reextract_reads WHERE run_id = {run_id:String})
        GROUP BY domain, url
    ),
    found AS
    (
        SELECT domain, kind, name, product, signal_id, true AS found,
               max(reextract_signals.version) AS version, max(reextract_signals.strength) AS strength, max(reextract_signals.confidence) AS confidence,
               min(reextract_signals.sign) AS sign, min(reextract_signals.observed_at) AS observed_at, max(reextract_signals.dated) AS dated,
               min(reextract_signals.detected_at) AS detected_at, max(reextract_signals.detected_at) AS last_seen, min(reextract_signals.source) AS source,
               min(reextract_signals.url) AS url, min(reextract_signals.evidence) AS evidence, min(reextract_signals.evidence_offset) AS evidence_offset,
               max(reextract_signals.content_hash) AS content_hash, max(reextract_signals.extractor_version) AS extractor_version
        FROM reextract_signals WHERE run_id = {run_id:String}
        GROUP BY domain, kind, name, product, signal_id
    )
SELECT
    {run_id:String},
    multiIf(
        n.found AND NOT o.stored, 'added',
        n.found AND (n.version, n.strength, n.confidence, n.sign, n.evidence) != (o.version, o.strength, o.confidence, o.sign, o.evidence), 'changed',
        n.found, 'same',
        has(o.again_at, o.detected_at) AND has(o.again_at, o.last_seen)
            AND NOT arrayExists(x -> x > o.detected_at AND x < o.last_seen AND NOT has(o.again_at, x), b.at), 'removed',
        'kept'),
    if(n.found, n.domain, o.domain), if(n.found, n.kind, o.kind), if(n.found, n.name, o.name), if(n.found, n.product, o.product), if(n.found, n.url, o.url),
    if(n.found, n.signal_id, o.signal_id),
    (o.version, o.strength, o.confidence, o.sign, o.observed_at, o.evidence),
    (n.version, n.strength, n.confidence, n.sign, n.observed_at, n.evidence),
    n.dated, if(n.found, n.detected_at, o.detected_at), if(n.found, n.last_seen, o.last_seen), n.source, n.evidence_offset, n.content_hash,
    {version:String}
FROM stored AS o
FULL OUTER JOIN found AS n ON n.domain = o.domain AND n.signal_id = o.signal_id
LEFT JOIN between AS b ON b.domain = o.domain AND b.url = o.url
