-- When accounts last bought a product, as of the run: the latest start of a subscription, or the first transaction; those that follow it tell of use.
INSERT INTO run_purchases (run_id, account, product, age)
WITH toDate({as_of:DateTime64(3, 'UTC')}) AS today
SELECT {run_id:String}, a.number, p.number, toUInt32(1 + today - max(h.bought))
FROM
(
    SELECT account_id, product, max(start) AS bought
    FROM subscription_rows
    WHERE known_from <= {known_by:DateTime64(3, 'UTC')} AND start <= today
    GROUP BY account_id, product
    UNION ALL
    SELECT account_id, product, min(date)
    FROM transaction_rows
    WHERE known_from <= {known_by:DateTime64(3, 'UTC')} AND date <= today
    GROUP BY account_id, product
) AS h
INNER JOIN (SELECT number, account_id FROM run_accounts WHERE run_id = {run_id:String}) AS a ON a.account_id = h.account_id
INNER JOIN (SELECT number, product FROM run_products WHERE run_id = {run_id:String}) AS p ON p.product = h.product
GROUP BY a.number, p.number
