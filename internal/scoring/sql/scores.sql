-- Scores of one span: a row for every account and product, intent laid over fit; without evidence intent is Unknown and has no score. What is written here goes
-- into both tables of scores.
INSERT INTO run_scores
    (month, run_id, account_id, product, logit, signals, sources, freshest, covered, fit_score, fit_rating, intent_score, intent_probability, intent_rating, cell, cluster, segment, motion,
     whitespace_revenue, drivers, fit_model, intent_model,
     expiration, expiration_type, expires_on, expiring_revenue, open_expiring_revenue, whitespace_level, whitespace_owners, whitespace_basis)
SELECT
    toDate({month:String}), {run_id:String}, a.account_id, p.product, e.logit, e.signals, e.sources, if(e.signals > 0, e.freshest, NULL), a.covered OR e.signals > 0,
    if(f.model != '', f.score, NULL), c.fit_rating, if(e.signals > 0, r.score, NULL),
    -- The calibrated probability, where the weights have been trained and there is evidence.
    if(e.signals > 0 AND p.slope > 0, 1 / (1 + exp(-(p.slope * e.logit / 1000 + p.offset))), NULL),
    c.intent_rating, c.cell, c.cluster,
    a.segment,
    multiIf(h.expires >= toDate({fiscal_from:String}) AND h.expires < toDate({fiscal_to:String}), 'renewal',
            h.support OR e.ending, 'end_of_support',
            h.owned, 'upsell', 'whitespace'),
    if(h.owned OR w.estimate = 0, NULL, toDecimal64(round(w.estimate, 2), 2)) AS revenue,
    e.drivers, f.model, {weights:String},
    h.expiration, h.expiration_type, h.expires_on, h.expiring_revenue, h.open_expiring_revenue,
    if(revenue IS NULL, '', w.level), if(revenue IS NULL, 0, w.owners), if(revenue IS NULL, '', w.basis)
FROM ({{template "grid"}}) AS e
INNER JOIN (SELECT number, account_id, segment, industry, size, covered FROM run_accounts WHERE run_id = {run_id:String} AND shard BETWEEN {first:UInt16} AND {last:UInt16}) AS a ON a.number = e.account
INNER JOIN (SELECT number, product, high, medium, low, slope, offset FROM run_bands WHERE run_id = {run_id:String}) AS p ON p.number = e.product
LEFT JOIN (SELECT toUInt64(account) * 256 + product AS both, score, model FROM run_fit WHERE run_id = {run_id:String} AND shard BETWEEN {first:UInt16} AND {last:UInt16}) AS f
    ON f.both = e.both
LEFT JOIN (SELECT product, logit, score FROM run_ranks WHERE run_id = {run_id:String}) AS r
    ON r.product = e.product AND r.logit = e.logit
INNER JOIN (SELECT place, fit_rating, intent_rating, cell, cluster FROM run_cells WHERE run_id = {run_id:String}) AS c
    ON c.place = toUInt16(e.product * 25 + if(f.model = '', 4, {{template "rating" "f.score"}}) * 5 + if(e.signals = 0, 4, {{template "rating" "r.score"}}))
LEFT JOIN (SELECT toUInt64(account) * 256 + product AS both, owned, expires, support, expiration, expiration_type, expires_on, expiring_revenue, open_expiring_revenue FROM run_holdings WHERE run_id = {run_id:String} AND shard BETWEEN {first:UInt16} AND {last:UInt16}) AS h
    ON h.both = e.both
LEFT JOIN (SELECT product, segment, industry, size, estimate, level, owners, basis FROM run_revenue WHERE run_id = {run_id:String}) AS w
    ON w.product = p.product AND w.segment = a.segment AND w.industry = a.industry AND w.size = a.size
{{template "alone"}}
