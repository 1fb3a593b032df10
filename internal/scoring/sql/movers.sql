-- The first of those that moved, as they stood in both runs.
WITH movers AS (SELECT account_id, product FROM ({{template "moved"}}) ORDER BY account_id, product LIMIT {most:UInt32} SETTINGS join_algorithm = 'full_sorting_merge')
SELECT p.run_id, r.matrix, p.fit_model, p.intent_model, toFloat64(p.fit_score), p.fit_rating, toFloat64(p.intent_score), p.intent_rating, p.cell, p.cluster,
       toJSONString(p.drivers.name), toJSONString(p.drivers.points), toJSONString(p.drivers.signal_ids), p.account_id, p.product
FROM (SELECT * FROM propensity_rows FINAL WHERE (month, run_id) IN ({{template "two_runs"}}) AND (account_id, toString(product)) IN (SELECT account_id, product FROM movers)) AS p
INNER JOIN (SELECT run_id, matrix FROM scoring_runs) AS r ON r.run_id = p.run_id
ORDER BY p.account_id, p.product
