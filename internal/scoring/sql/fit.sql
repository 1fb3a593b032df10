-- The fit score that holds as of the run: imported before computed (unless told otherwise), the latest valid day, the
-- latest knowledge, the model's name. Read in the table's order, so that the memory it takes is that of the accounts' numbers.
INSERT INTO run_fit (run_id, shard, account, product, score, model)
SELECT {run_id:String}, a.shard, a.number, f.product, f.held.1, f.held.2
FROM
(
    SELECT account_id, product,
           argMin((score, model), (imported = {computed_first:Bool}, -toInt64(valid_from), -toUnixTimestamp64Milli(known_from), model)) AS held
    FROM fit_score_rows
    WHERE known_from <= {known_by:DateTime64(3, 'UTC')} AND valid_from <= toDate({as_of:DateTime64(3, 'UTC')})
      AND has(JSONExtract(base64Decode({products:String}), 'Array(String)'), product)
    GROUP BY account_id, product
) AS f
INNER JOIN (SELECT shard, number, account_id FROM run_accounts WHERE run_id = {run_id:String}) AS a ON a.account_id = f.account_id
SETTINGS optimize_aggregation_in_order = 1
