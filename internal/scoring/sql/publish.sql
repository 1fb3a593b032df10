-- The month's earlier runs are superseded. Readers follow published_runs, which takes the latest published run: they see
-- the old month until the new run's row is there, and the new one from then on.
INSERT INTO scoring_run_rows
    (run_id, version, month, state, as_of, known_by, started_at, finished_at, intent_model, matrix, segments, calendar, fiscal_year_start, prefer_computed_fit,
     accounts, signals, rows, error)
SELECT run_id, greatest(version + 1, {version:UInt64}), month, 'superseded', as_of, known_by, started_at, finished_at, intent_model, matrix, segments, calendar, fiscal_year_start, prefer_computed_fit,
       accounts, signals, rows, error
FROM scoring_run_rows FINAL
WHERE month = toDate({month:String}) AND state = 'published' AND run_id != {run_id:String}
