-- Runs of the month that have not ended. Their version is the wall clock's nanoseconds of their last sign of life.
SELECT run_id, state, toInt64(version), started_at
FROM scoring_run_rows FINAL
WHERE month = toDate({month:String}) AND state IN ('waiting', 'running') AND run_id != {run_id:String}
ORDER BY run_id
