-- Where a logit stands among those with evidence for the product in the same run, and where the ends of its interval would; with the
-- calibrated probability of the row, where the weights are calibrated.
SELECT toInt64(count()), toInt64(countIf(logit < {logit:Int64})), toInt64(countIf(logit = {logit:Int64})),
       toInt64(2 * countIf(logit < {low:Int64}) + countIf(logit = {low:Int64})), toInt64(2 * countIf(logit < {high:Int64}) + countIf(logit = {high:Int64})),
       maxIf(probability, account_id = base64Decode({account:String})), maxIf(freshest, account_id = base64Decode({account:String}))
FROM (SELECT account_id, logit, probability, freshest FROM intent_score_rows FINAL
      WHERE month = toDate({month:String}) AND run_id = {run_id:String} AND product = base64Decode({product:String}) AND signals > 0)
