-- One row an account and product, with the account as it is known now and the strongest favourable piece of evidence.
WITH picked AS
(
    SELECT *, tupleElement(arrayFirst(d -> d.2 > 0 AND notEmpty(d.3), drivers), 3)[1] AS best_id
    FROM propensity_rows FINAL
    WHERE month = toDate({month:String}) AND run_id = {run_id:String} AND {{.Where}}
)
SELECT p.account_id, a.name, o.domain, a.country, a.region, a.industry, a.vertical, a.partner, p.segment, p.product,
       toFloat64(p.fit_score), p.fit_rating, toFloat64(p.intent_score), p.intent_rating, p.cell, p.cluster, p.motion,
       toFloat64(if(v.signals > 0, v.score_low, NULL)), toFloat64(if(v.signals > 0, v.score_high, NULL)), v.freshest, i.covered,
       p.expiration, p.expiration_type, toDateTime64(p.expires_on, 3, 'UTC'), toFloat64(p.expiring_revenue), toFloat64(p.open_expiring_revenue),
       toFloat64(p.whitespace_revenue), p.whitespace_level, toInt64(p.whitespace_owners), p.whitespace_basis,
       toJSONString(p.drivers.name), toJSONString(p.drivers.points), toJSONString(p.drivers.signal_ids), p.fit_model, p.intent_model,
       if(e.url = '', '', toString(p.best_id)), e.kind, e.name, e.observed, e.source, e.url, e.span
FROM picked AS p
LEFT JOIN (SELECT account_id, name, country, region, industry, vertical, partner FROM accounts) AS a ON a.account_id = p.account_id
LEFT JOIN (SELECT account_id, argMin(domain, (position, domain)) AS domain FROM domain_owners GROUP BY account_id) AS o ON o.account_id = p.account_id
LEFT JOIN
(
    SELECT account_id, product, covered FROM intent_score_rows FINAL
    WHERE month = toDate({month:String}) AND run_id = {run_id:String} AND (account_id, product) IN (SELECT account_id, product FROM picked)
) AS i ON i.account_id = p.account_id AND i.product = p.product
LEFT JOIN
(
    SELECT account_id, product, score_low, score_high, freshest, signals FROM intent_intervals
    WHERE month = toDate({month:String}) AND run_id = {run_id:String} AND (account_id, product) IN (SELECT account_id, product FROM picked)
) AS v ON v.account_id = p.account_id AND v.product = p.product
LEFT JOIN
(
    SELECT signal_id, any(kind) AS kind, any(name) AS name, min(observed_at) AS observed, min(source) AS source, min(url) AS url, min(evidence) AS span
    FROM signal_rows
    WHERE signal_id IN (SELECT best_id FROM picked)
    GROUP BY signal_id
) AS e ON e.signal_id = p.best_id
ORDER BY p.cell = '', p.cell, ifNull(p.fit_score, 0) + ifNull(p.intent_score, 0) DESC, p.account_id, p.product
{{.Limit}}
