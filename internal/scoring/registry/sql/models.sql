-- Every model with its present state and the last decision on it; latest first.
SELECT m.name, m.product, m.version, m.created_at, s.state, s.why, m.metrics, ifNull(s.decided_at, toDateTime64(0, 3, 'UTC'))
FROM (SELECT name, product, version, created_at, metrics FROM models FINAL) AS m
INNER JOIN model_states AS s ON s.name = m.name AND s.product = m.product AND s.version = m.version
WHERE ({kind:String} = '' OR m.name = {kind:String}) AND ({product:String} = '' OR m.product = base64Decode({product:String}))
ORDER BY m.name, m.product, m.created_at DESC, m.version
