-- What accounts have of a product, as of the run: subscriptions that have begun (the latest known version of
-- each), the last year's transactions, and licences whose support ends.
INSERT INTO run_holdings (run_id, shard, account_id, product, owned, expires, support, revenue)
WITH toDate({as_of:DateTime64(3, 'UTC')}) AS today
SELECT
    {run_id:String}, a.shard, h.account_id, h.product,
    max(h.owned), max(h.expires), max(h.support),
    -- Subscriptions say what an owner pays a year; without a figure there, the last year's transactions do.
    multiIf(NOT max(h.owned), NULL, sum(h.subscribed) > 0, toFloat64(sum(h.subscribed)), sum(h.bought) > 0, toFloat64(sum(h.bought)), NULL)
FROM
(
    SELECT account_id, product,
           start <= today AND last >= today AS owned,
           if(start <= today, last, toDate(0)) AS expires,
           false AS support,
           if(start <= today AND last >= today, paid, toDecimal64(0, 2)) AS subscribed,
           toDecimal64(0, 2) AS bought
    FROM
    (
        SELECT account_id, product, sku, start, agreement_id,
               -- In one tuple: argMax passes over a null that stands alone.
               argMax((ifNull(end, toDate('2149-06-06')), ifNull(annual_revenue, toDecimal64(0, 2))), known_from) AS v,
               tupleElement(v, 1) AS last, tupleElement(v, 2) AS paid
        FROM subscription_rows
        WHERE known_from <= {known_by:DateTime64(3, 'UTC')}
        GROUP BY account_id, product, sku, start, agreement_id
    )
    UNION ALL
    SELECT account_id, product, sum(amount) > 0, toDate(0), false, toDecimal64(0, 2), toDecimal64(sum(amount), 2)
    FROM
    (
        SELECT account_id, product, date, amount, ordinal
        FROM transaction_rows
        WHERE date <= today AND date > today - {owned_days:UInt16}
        GROUP BY account_id, product, date, amount, ordinal
        HAVING min(known_from) <= {known_by:DateTime64(3, 'UTC')}
    )
    GROUP BY account_id, product
    UNION ALL
    SELECT DISTINCT l.account_id, e.product, false, toDate(0), true, toDecimal64(0, 2), toDecimal64(0, 2)
    FROM licences AS l
    INNER JOIN (SELECT licence, product FROM run_end_of_support WHERE run_id = {run_id:String}) AS e ON e.licence = l.product
    WHERE l.known_from <= {known_by:DateTime64(3, 'UTC')} AND l.seen <= today
) AS h
INNER JOIN (SELECT shard, account_id FROM run_accounts WHERE run_id = {run_id:String}) AS a ON a.account_id = h.account_id
GROUP BY a.shard, h.account_id, h.product
