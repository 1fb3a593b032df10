-- The published row of one account and product.
SELECT p.run_id, r.as_of, r.known_by, p.intent_model, p.fit_model, toFloat64(p.fit_score), p.fit_rating, toFloat64(p.intent_score), p.intent_rating,
       p.cell, p.cluster, p.segment, p.motion,
       p.expiration, p.expiration_type, toDateTime64(p.expires_on, 3, 'UTC'), toFloat64(p.expiring_revenue), toFloat64(p.open_expiring_revenue),
       toFloat64(p.whitespace_revenue), p.whitespace_level, toInt64(p.whitespace_owners), p.whitespace_basis, i.logit, i.probability, toInt64(i.signals), toInt64(i.sources), i.covered,
       toJSONString(p.drivers.name), toJSONString(p.drivers.points), toJSONString(p.drivers.signal_ids)
FROM
(
    SELECT * FROM propensity_rows FINAL
    WHERE month = toDate({month:String}) AND account_id = base64Decode({account:String}) AND product = base64Decode({product:String})
      AND (month, run_id) IN (SELECT month, run_id FROM published_runs)
) AS p
INNER JOIN
(
    SELECT run_id, logit, probability, signals, sources, covered FROM intent_score_rows FINAL
    WHERE month = toDate({month:String}) AND account_id = base64Decode({account:String}) AND product = base64Decode({product:String})
) AS i ON i.run_id = p.run_id
INNER JOIN (SELECT run_id, as_of, known_by FROM scoring_runs) AS r ON r.run_id = p.run_id
