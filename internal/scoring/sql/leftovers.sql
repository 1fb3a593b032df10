-- Runs that have ended but still have a partition in a bench.
SELECT DISTINCT partition
FROM system.parts
WHERE database = currentDatabase() AND active AND startsWith(table, 'run_')
  AND partition NOT IN (SELECT run_id FROM scoring_run_rows FINAL WHERE state IN ('waiting', 'running'))
  AND partition IN (SELECT run_id FROM scoring_run_rows)
ORDER BY partition
