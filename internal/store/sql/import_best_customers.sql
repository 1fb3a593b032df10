-- The best customers among some accounts.
SELECT DISTINCT account_id, product
FROM best_customers
WHERE account_id IN {accounts:Array(String)}
