-- A run whose process is gone has failed.
INSERT INTO scoring_run_rows
    (run_id, version, month, state, as_of, known_by, started_at, finished_at, intent_model, matrix, segments, calendar, fiscal_year_start, prefer_computed_fit,
     accounts, signals, rows, error)
SELECT run_id, greatest(version + 1, {version:UInt64}), month, 'failed', as_of, known_by, started_at, {now:DateTime64(3, 'UTC')}, intent_model, matrix, segments, calendar, fiscal_year_start, prefer_computed_fit,
       accounts, signals, rows, 'its process ended without a word'
FROM scoring_run_rows FINAL
WHERE run_id = {run_id:String} AND state IN ('waiting', 'running')
