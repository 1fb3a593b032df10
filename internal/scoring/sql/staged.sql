-- Months of which scores wait that no run is at work on.
SELECT DISTINCT partition
FROM system.parts
WHERE database = currentDatabase() AND active AND table IN ('run_intent', 'run_propensity')
  AND partition NOT IN (SELECT toString(month) FROM scoring_run_rows FINAL WHERE state IN ('waiting', 'running'))
ORDER BY partition
