-- The latest count of each licence of some accounts.
SELECT account_id, product, seen, quantity
FROM licences
WHERE account_id IN {accounts:Array(String)}
ORDER BY account_id, product, seen, known_from DESC
LIMIT 1 BY account_id, product, seen
