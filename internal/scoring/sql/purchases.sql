{{define "purchased" -}}
-- When accounts last bought a product, as of the run: the latest start of a subscription, or the first transaction; those that follow it tell of use.
SELECT account_id, product, toUInt32(1 + toDate({as_of:DateTime64(3, 'UTC')}) - max(bought)) AS age
FROM
(
    SELECT account_id, product, max(start) AS bought
    FROM subscription_rows
    WHERE {{with .Slice}}{{.}} AND {{end}}known_from <= {known_by:DateTime64(3, 'UTC')} AND start <= toDate({as_of:DateTime64(3, 'UTC')})
    GROUP BY account_id, product
    UNION ALL
    SELECT account_id, product, min(date)
    FROM transaction_rows
    WHERE {{with .Slice}}{{.}} AND {{end}}known_from <= {known_by:DateTime64(3, 'UTC')} AND date <= toDate({as_of:DateTime64(3, 'UTC')})
    GROUP BY account_id, product
)
GROUP BY account_id, product
{{- end}}
-- Purchases of the products of the weights, by the accounts of one slice.
INSERT INTO run_purchases (run_id, slice, shard, account, product, age)
SELECT {run_id:String}, {slice:UInt16}, a.shard, a.number, p.number, h.age
FROM ({{template "purchased" .}}) AS h
INNER JOIN ({{template "sliced"}}) AS a ON a.account_id = h.account_id
INNER JOIN (SELECT number, product FROM run_products WHERE run_id = {run_id:String}) AS p ON p.product = h.product
{{template "alone"}}
