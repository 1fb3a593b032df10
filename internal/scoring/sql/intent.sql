-- Intent scores of one shard: a row for every account and product; without evidence, Unknown and no score.
INSERT INTO intent_score_rows
    (month, run_id, account_id, product, logit, probability, score, rating, signals, sources, freshest, covered, drivers)
SELECT
    toDate({month:String}), {run_id:String}, a.account_id, a.product, e.logit, NULL,
    if(e.signals > 0, r.score, NULL) AS scored,
    {{template "rating" "scored"}},
    e.signals, e.sources, if(e.signals > 0, e.freshest, NULL), a.covered OR e.signals > 0, e.drivers
FROM
(
    SELECT account_id, covered, arrayJoin(JSONExtract(base64Decode({products:String}), 'Array(String)')) AS product
    FROM run_accounts WHERE run_id = {run_id:String} AND shard = {shard:UInt8}
) AS a
LEFT JOIN (SELECT account_id, product, logit, signals, sources, freshest, drivers FROM run_evidence WHERE run_id = {run_id:String} AND shard = {shard:UInt8}) AS e
    ON e.account_id = a.account_id AND e.product = a.product
LEFT JOIN (SELECT product, logit, score FROM run_ranks WHERE run_id = {run_id:String}) AS r
    ON r.product = a.product AND r.logit = e.logit
