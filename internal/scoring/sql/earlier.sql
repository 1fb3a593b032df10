-- The published run of the latest month before one.
SELECT month, run_id FROM published_runs WHERE month < toDate({month:String}) ORDER BY month DESC LIMIT 1
