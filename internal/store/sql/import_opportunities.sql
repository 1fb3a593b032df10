-- The latest version of each opportunity of some accounts.
SELECT account_id, product, created, ordinal, closed, outcome, toInt64(o.amount * 100) AS amount, acted_on
FROM opportunity_rows AS o
WHERE account_id IN {accounts:Array(String)}
ORDER BY account_id, product, created, ordinal, known_from DESC
LIMIT 1 BY account_id, product, created, ordinal
