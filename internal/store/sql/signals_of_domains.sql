-- The signals of some domains, merged by identity. The domains are given, not joined: by constants the
-- partition and the granule are found before anything is read, which the view signals cannot do.
SELECT
    domain, kind, name, product, signal_id, {account:String} AS account_id,
    max(version) AS version, max(strength) AS strength, max(confidence) AS confidence, min(sign) AS sign,
    min(observed_at) AS observed_at, max(dated) AS dated, min(detected_at) AS detected_at, max(last_seen) AS last_seen,
    min(source) AS source, min(url) AS url, min(evidence) AS evidence, min(evidence_offset) AS evidence_offset,
    max(content_hash) AS content_hash, max(extractor_version) AS extractor_version
FROM signal_rows
WHERE domain IN {domains:Array(String)}
GROUP BY domain, kind, name, product, signal_id
ORDER BY observed_at DESC, signal_id
LIMIT {limit:UInt32}
