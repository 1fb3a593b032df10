-- The latest run of the month that died within a day and was asked the same. What was erased since must not come back: then there is none.
SELECT r.run_id, r.as_of, r.known_by
FROM (SELECT run_id, as_of, known_by, started_at FROM scoring_run_rows FINAL WHERE month = toDate({month:String}) AND state = 'failed') AS r
INNER JOIN (SELECT run_id, min(done_at) AS first FROM run_steps WHERE asked = {asked:String} GROUP BY run_id) AS s ON s.run_id = r.run_id
WHERE r.run_id != {run_id:String} AND r.started_at > {started:DateTime64(3, 'UTC')} - toIntervalDay(1)
  AND least(r.started_at, s.first) >
  (
      SELECT max(create_time) FROM system.mutations
      WHERE database = currentDatabase() AND table NOT IN ('intent_score_rows', 'propensity_rows') AND NOT startsWith(table, 'run_')
  )
ORDER BY r.started_at DESC, r.run_id DESC
LIMIT 1
