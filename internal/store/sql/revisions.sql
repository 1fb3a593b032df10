-- What newer rules said last of the signals of some domains.
SELECT signal_id, max(revision_rows.known_from) AS known_from, argMax(revision_rows.read_at, (revision_rows.known_from, recorded_at)) AS read_at,
       argMax(revision_rows.retired, (revision_rows.known_from, recorded_at)) AS retired,
       argMax(revision_rows.version, (revision_rows.known_from, recorded_at)) AS version,
       argMax(revision_rows.strength, (revision_rows.known_from, recorded_at)) AS strength,
       argMax(revision_rows.confidence, (revision_rows.known_from, recorded_at)) AS confidence,
       argMax(revision_rows.sign, (revision_rows.known_from, recorded_at)) AS sign,
       argMax(revision_rows.evidence, (revision_rows.known_from, recorded_at)) AS evidence,
       argMax(revision_rows.extractor_version, (revision_rows.known_from, recorded_at)) AS extractor_version
FROM revision_rows
WHERE domain IN {domains:Array(String)}
GROUP BY signal_id
ORDER BY signal_id
