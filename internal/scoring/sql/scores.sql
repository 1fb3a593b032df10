-- Scores of one span: a row for every account and product, intent laid over fit; without evidence intent is Unknown and has no score. What is written here goes
-- into both tables of scores.
INSERT INTO run_scores
    (month, run_id, account_id, product, logit, signals, sources, freshest, covered, fit_score, fit_rating, intent_score, intent_probability, intent_rating, cell, cluster, segment, motion,
     whitespace_revenue, drivers, fit_model, intent_model,
     expiration, expiration_type, expires_on, expiring_revenue, open_expiring_revenue, whitespace_level, whitespace_owners, whitespace_basis)
SELECT
    toDate({month:String}), {run_id:String}, a.account_id, p.product, e.logit, e.signals, e.sources, if(e.signals > 0, e.freshest, NULL), a.covered OR e.signals > 0,
    if(f.model != '', f.score, NULL) AS fit, {{template "rating" "fit"}} AS fit_rated,
    if(e.signals > 0, r.score, NULL) AS scored, {{template "probability"}}, {{template "rating" "scored"}} AS intent_rated,
    transform({{template "pair"}},
        JSONExtract(base64Decode({pairs:String}), 'Array(String)'), JSONExtract(base64Decode({cells:String}), 'Array(String)'), '') AS cell,
    transform({{template "pair"}},
        JSONExtract(base64Decode({pairs:String}), 'Array(String)'), JSONExtract(base64Decode({clusters:String}), 'Array(String)'), 'Unknown'),
    a.segment,
    multiIf(h.expires >= toDate({fiscal_from:String}) AND h.expires < toDate({fiscal_to:String}), 'renewal',
            h.support OR arrayExists(x -> x.1 = 'topic:end_of_support' AND x.2 > 0, e.drivers), 'end_of_support',
            h.owned, 'upsell', 'whitespace'),
    if(h.owned OR w.estimate = 0, NULL, toDecimal64(round(w.estimate, 2), 2)) AS revenue,
    e.drivers, f.model, {weights:String},
    h.expiration, h.expiration_type, h.expires_on, h.expiring_revenue, h.open_expiring_revenue,
    if(revenue IS NULL, '', w.level), if(revenue IS NULL, 0, w.owners), if(revenue IS NULL, '', w.basis)
FROM ({{template "grid"}}) AS e
INNER JOIN (SELECT number, account_id, segment, industry, size, covered FROM run_accounts WHERE run_id = {run_id:String} AND shard BETWEEN {first:UInt16} AND {last:UInt16}) AS a ON a.number = e.account
INNER JOIN (SELECT number, product FROM run_products WHERE run_id = {run_id:String}) AS p ON p.number = e.product
LEFT JOIN (SELECT toUInt64(account) * 256 + product AS both, score, model FROM run_fit WHERE run_id = {run_id:String} AND shard BETWEEN {first:UInt16} AND {last:UInt16}) AS f
    ON f.both = e.both
LEFT JOIN (SELECT product, logit, score FROM run_ranks WHERE run_id = {run_id:String}) AS r
    ON r.product = e.product AND r.logit = e.logit
LEFT JOIN (SELECT toUInt64(account) * 256 + product AS both, owned, expires, support, expiration, expiration_type, expires_on, expiring_revenue, open_expiring_revenue FROM run_holdings WHERE run_id = {run_id:String} AND shard BETWEEN {first:UInt16} AND {last:UInt16}) AS h
    ON h.both = e.both
LEFT JOIN (SELECT product, segment, industry, size, estimate, level, owners, basis FROM run_revenue WHERE run_id = {run_id:String}) AS w
    ON w.product = p.product AND w.segment = a.segment AND w.industry = a.industry AND w.size = a.size
{{template "alone"}}
