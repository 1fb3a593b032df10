-- What newer rules find that was not stored: observed and detected when it was fetched, known from now.
INSERT INTO signal_rows (domain, kind, name, product, signal_id, version, strength, confidence, sign, observed_at, dated, detected_at, known_from, last_seen,
    source, url, evidence, evidence_offset, content_hash, extractor_version)
SELECT domain, kind, name, product, signal_id, now.1, now.2, now.3, now.4, now.5, dated, detected_at, {known:DateTime64(3, 'UTC')}, last_seen,
       source, url, now.6, evidence_offset, content_hash, extractor_version
FROM reextract_changes
WHERE run_id = {run_id:String} AND change = 'added' AND (domain, signal_id) NOT IN (SELECT domain, signal_id FROM revision_rows)
