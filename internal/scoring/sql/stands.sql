-- Where an account stood for a product in two runs.
SELECT p.run_id, r.matrix, p.fit_model, p.intent_model, toFloat64(p.fit_score), p.fit_rating, toFloat64(p.intent_score), p.intent_rating, p.cell, p.cluster,
       toJSONString(p.drivers.name), toJSONString(p.drivers.points), toJSONString(p.drivers.signal_ids), p.account_id, p.product
FROM (SELECT * FROM propensity_rows FINAL WHERE (month, run_id) IN ({{template "two_runs"}}) AND account_id = base64Decode({account:String}) AND product = base64Decode({product:String})) AS p
INNER JOIN (SELECT run_id, matrix FROM scoring_runs) AS r ON r.run_id = p.run_id
ORDER BY p.account_id, p.product
