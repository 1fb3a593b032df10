-- The signals of some domains, merged by identity, as newer rules left them. The domains are given, not joined: by constants the
-- partition and the granule are found before anything is read, which the view signals cannot do.
SELECT
    s.domain AS domain, s.kind AS kind, s.name AS name, s.product AS product, s.signal_id AS signal_id, {account:String} AS account_id,
    if(r.revised, r.v.2, s.version) AS version, if(r.revised, r.v.3, s.strength) AS strength, if(r.revised, r.v.4, s.confidence) AS confidence,
    if(r.revised, r.v.5, s.sign) AS sign, s.observed_at AS observed_at, s.dated AS dated, s.detected_at AS detected_at, s.last_seen AS last_seen,
    s.source AS source, s.url AS url, if(r.revised, r.v.6, s.evidence) AS evidence, if(r.revised, r.v.7, s.evidence_offset) AS evidence_offset,
    s.content_hash AS content_hash, if(r.revised, r.v.8, s.extractor_version) AS extractor_version
FROM
(
    SELECT
        domain, kind, name, product, signal_id,
        max(version) AS version, max(strength) AS strength, max(confidence) AS confidence, min(sign) AS sign,
        min(observed_at) AS observed_at, max(dated) AS dated, min(detected_at) AS detected_at, max(last_seen) AS last_seen,
        min(source) AS source, min(url) AS url, min(evidence) AS evidence, min(evidence_offset) AS evidence_offset,
        max(content_hash) AS content_hash, max(extractor_version) AS extractor_version
    FROM signal_rows
    WHERE domain IN {domains:Array(String)}
    GROUP BY domain, kind, name, product, signal_id
) AS s
LEFT JOIN
(
    SELECT domain, signal_id, true AS revised,
           argMax((retired, version, strength, confidence, sign, evidence, evidence_offset, extractor_version), (known_from, recorded_at)) AS v
    FROM revision_rows
    WHERE domain IN {domains:Array(String)}
    GROUP BY domain, signal_id
) AS r ON r.domain = s.domain AND r.signal_id = s.signal_id
WHERE NOT r.v.1
ORDER BY observed_at DESC, signal_id
LIMIT {limit:UInt32}
