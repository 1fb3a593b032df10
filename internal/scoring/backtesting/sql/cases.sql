-- Every account and product of a rehearsed run, with what closed strictly after its day and up to the last day of its window. Accounts are drawn by
-- a hash of their ids where there are too many, so that every month draws the same.
SELECT p.account_id, p.product, ifNull(toFloat64(p.fit_score), nan), ifNull(toFloat64(p.intent_score), nan), toFloat64(i.logit) / 1000, p.cell, p.cluster,
       toInt64(i.signals), toInt64(i.sources), toJSONString(p.drivers.name), toJSONString(p.drivers.points),
       toInt64(o.won), toInt64(o.lost), toInt64(o.acted), toInt64(o.acted_won), toInt64(o.ignored), toInt64(o.ignored_won)
FROM
(
    SELECT account_id, product, fit_score, intent_score, cell, cluster, drivers
    FROM propensity_rows
    WHERE month = toDate({month:String}) AND run_id = {run_id:String}
      AND sipHash64(account_id) % 1000000 < {keep:UInt64}
      AND ({product:String} = '' OR product = base64Decode({product:String}))
) AS p
INNER JOIN
(
    SELECT account_id, product, logit, signals, sources
    FROM intent_score_rows
    WHERE month = toDate({month:String}) AND run_id = {run_id:String} AND sipHash64(account_id) % 1000000 < {keep:UInt64}
) AS i ON i.account_id = p.account_id AND i.product = p.product
LEFT JOIN
(
    SELECT account_id, product, countIf(outcome = 'won') AS won, countIf(outcome = 'lost') AS lost,
           countIf(acted_on = true) AS acted, countIf(acted_on = true AND outcome = 'won') AS acted_won,
           countIf(acted_on = false) AS ignored, countIf(acted_on = false AND outcome = 'won') AS ignored_won
    FROM opportunities
    WHERE outcome IN ('won', 'lost') AND closed > toDate({after:String}) AND closed <= toDate({until:String})
    GROUP BY account_id, product
) AS o ON o.account_id = p.account_id AND o.product = p.product
ORDER BY p.account_id, p.product
