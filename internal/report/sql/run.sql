-- The published run of a month.
SELECT run_id, as_of, known_by, started_at, ifNull(finished_at, started_at), intent_model, matrix, toInt64(accounts), toInt64(signals), toInt64(rows)
FROM scoring_runs
WHERE (month, run_id) IN (SELECT month, run_id FROM published_runs WHERE month = toDate({month:String}))
