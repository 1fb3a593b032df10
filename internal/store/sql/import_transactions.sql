-- The sales of some accounts.
SELECT DISTINCT account_id, product, date, toInt64(t.amount * 100) AS amount, ordinal
FROM transaction_rows AS t
WHERE account_id IN {accounts:Array(String)}
