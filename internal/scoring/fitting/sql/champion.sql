-- The champion of a product as it was known, or the model that was asked for.
SELECT version, content
FROM models FINAL
WHERE name = 'fit' AND product = base64Decode({product:String}) AND created_at <= {known_by:DateTime64(3, 'UTC')}
  AND version = if({version:String} != '', {version:String},
  (
      SELECT argMax(version, (decided_at, recorded_at)) FROM model_decisions
      WHERE name = 'fit' AND product = base64Decode({product:String}) AND state = 'champion' AND decided_at <= {known_by:DateTime64(3, 'UTC')}
  ))
LIMIT 1
