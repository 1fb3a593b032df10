-- An account's signals: first the domains it owns now, then their signals by the sorting key. The view
-- signals would aggregate every domain before it knew which are wanted.
WITH owned AS
(
    SELECT domain
    FROM
    (
        SELECT domain, account_id, valid_to
        FROM account_domains
        WHERE domain IN (SELECT domain FROM account_domains WHERE account_id = {account:String})
        ORDER BY domain, valid_from DESC, known_from DESC
        LIMIT 1 BY domain
    )
    WHERE account_id = {account:String} AND valid_to > now64(3, 'UTC')
)
SELECT
    domain, kind, name, product, signal_id, {account:String} AS account_id,
    max(version) AS version, max(strength) AS strength, max(confidence) AS confidence, min(sign) AS sign,
    min(observed_at) AS observed_at, max(dated) AS dated, min(detected_at) AS detected_at, max(last_seen) AS last_seen,
    min(source) AS source, min(url) AS url, min(evidence) AS evidence, min(evidence_offset) AS evidence_offset,
    max(content_hash) AS content_hash, max(extractor_version) AS extractor_version
FROM signal_rows
WHERE domain IN owned
GROUP BY domain, kind, name, product, signal_id
ORDER BY observed_at DESC, signal_id
LIMIT {limit:UInt32}
