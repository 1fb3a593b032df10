-- Intent scores of one span: a row for every account and product; without evidence, Unknown and no score.
INSERT INTO intent_score_rows
    (month, run_id, account_id, product, logit, probability, score, rating, signals, sources, freshest, covered, drivers)
SELECT
    toDate({month:String}), {run_id:String}, a.account_id, p.product, e.logit, {{template "probability"}},
    if(e.signals > 0, r.score, NULL) AS scored,
    {{template "rating" "scored"}},
    e.signals, e.sources, if(e.signals > 0, e.freshest, NULL), a.covered OR e.signals > 0, e.drivers
FROM ({{template "grid"}}) AS e
INNER JOIN (SELECT number, account_id, covered FROM run_accounts WHERE run_id = {run_id:String} AND shard BETWEEN {first:UInt16} AND {last:UInt16}) AS a ON a.number = e.account
INNER JOIN (SELECT number, product FROM run_products WHERE run_id = {run_id:String}) AS p ON p.number = e.product
LEFT JOIN (SELECT product, logit, score FROM run_ranks WHERE run_id = {run_id:String}) AS r
    ON r.product = e.product AND r.logit = e.logit
{{template "alone"}}
