-- The latest version of each subscription of some accounts.
SELECT account_id, product, sku, start, agreement_id, end, seats, toInt64(r.annual_revenue * 100) AS annual_revenue, program
FROM subscription_rows AS r
WHERE account_id IN {accounts:Array(String)}
ORDER BY account_id, product, sku, start, agreement_id, known_from DESC
LIMIT 1 BY account_id, product, sku, start, agreement_id
