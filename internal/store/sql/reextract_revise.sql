-- What newer rules no longer find, find otherwise, or find again after they had retired it, known from now; what was said before stays.
INSERT INTO revision_rows (domain, signal_id, known_from, read_at, retired, version, strength, confidence, sign, evidence, evidence_offset, extractor_version)
SELECT domain, signal_id, {known:DateTime64(3, 'UTC')}, last_seen, change = 'removed',
       if(change = 'removed', was.1, now.1), if(change = 'removed', was.2, now.2), if(change = 'removed', was.3, now.3), if(change = 'removed', was.4, now.4),
       if(change = 'removed', was.6, now.6), evidence_offset, extractor_version
FROM reextract_changes
WHERE run_id = {run_id:String}
  AND (change IN ('removed', 'changed') OR change = 'added' AND (domain, signal_id) IN (SELECT domain, signal_id FROM revision_rows))
