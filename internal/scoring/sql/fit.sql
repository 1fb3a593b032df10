-- The fit score that holds as of the run, of one slice of accounts: imported before computed (unless told otherwise), the latest valid day, the
-- latest knowledge, the model's name. The table's order is that of accounts and products, so that little is sorted and little held.
INSERT INTO run_fit (run_id, slice, shard, account, product, score, model)
SELECT {run_id:String}, {slice:UInt16}, a.shard, a.number, p.number, f.score, f.model
FROM
(
    SELECT account_id, product, score, model
    FROM fit_score_rows
    WHERE {{.Slice}} AND known_from <= {known_by:DateTime64(3, 'UTC')} AND valid_from <= toDate({as_of:DateTime64(3, 'UTC')})
      AND product IN (SELECT product FROM run_products WHERE run_id = {run_id:String})
    ORDER BY account_id, product, imported = {computed_first:Bool}, valid_from DESC, known_from DESC, model
    LIMIT 1 BY account_id, product
) AS f
INNER JOIN ({{template "sliced"}}) AS a ON a.account_id = f.account_id
INNER JOIN (SELECT number, product FROM run_products WHERE run_id = {run_id:String}) AS p ON p.product = f.product
{{template "alone"}}
