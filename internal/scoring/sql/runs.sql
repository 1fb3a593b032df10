-- Every run, latest first.
SELECT run_id, toDateTime64(month, 3, 'UTC'), state, as_of, known_by, started_at, ifNull(finished_at, toDateTime64(0, 3, 'UTC')),
       intent_model, matrix, segments, calendar, toInt64(fiscal_year_start), prefer_computed_fit, toInt64(accounts), toInt64(signals), toInt64(rows), error
FROM scoring_runs
ORDER BY started_at DESC, run_id DESC
