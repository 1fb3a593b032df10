-- The fit score of a model that held for an account and product at a time, as far as was known.
SELECT imported, toDateTime64(valid_from, 3, 'UTC'), known_from, toFloat64(score), probability
FROM fit_score_rows
WHERE account_id = base64Decode({account:String}) AND product = base64Decode({product:String}) AND model = base64Decode({model:String})
  AND known_from <= {known_by:DateTime64(3, 'UTC')} AND valid_from < toDate({until:String})
ORDER BY valid_from DESC, known_from DESC
LIMIT 1
