-- Each account once, by its best product: the first cell in the order A1 … D4, then the higher sum of scores.
SELECT best.1 AS fit, best.2 AS intent, best.3 AS segment, best.4 AS cluster, toInt64(count())
FROM
(
    SELECT account_id,
           argMin((fit_rating, intent_rating, segment, cluster), (cell = '', cell, -(ifNull(fit_score, 0) + ifNull(intent_score, 0)), product)) AS best
    FROM propensity_rows FINAL
    WHERE month = toDate({month:String}) AND run_id = {run_id:String}
    GROUP BY account_id
)
GROUP BY fit, intent, segment, cluster
ORDER BY fit, intent, segment, cluster
