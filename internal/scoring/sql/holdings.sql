-- What the accounts of one slice have of a product, as of the run: subscriptions that have begun (the latest known version of
-- each), which of them end in the fiscal year, the last year's transactions, and licences whose support ends.
INSERT INTO run_holdings (run_id, slice, shard, account, product, segment, industry, size, owned, expires, support, revenue,
    expiration, expiration_type, expires_on, expiring_revenue, open_expiring_revenue)
WITH toDate({as_of:DateTime64(3, 'UTC')}) AS today, CAST(NULL, 'Nullable(Decimal(18, 2))') AS unpaid
SELECT
    {run_id:String}, {slice:UInt16}, a.shard, a.number, p.number, any(a.segment), any(a.industry), any(a.size),
    max(h.owned), max(h.expires), max(h.support),
    -- Subscriptions say what an owner pays a year; without a figure there, the last year's transactions do.
    multiIf(NOT max(h.owned), NULL, sum(h.subscribed) > 0, toFloat64(sum(h.subscribed)), sum(h.bought) > 0, toFloat64(sum(h.bought)), NULL),
    multiIf(max(h.open), 'open', max(h.ends), 'closed', ''),
    arrayStringConcat(arraySort(groupUniqArrayIf(h.program, h.ends AND h.program != '')), '; '),
    multiIf(max(h.open), minIf(h.expires, h.open), max(h.ends), maxIf(h.expires, h.ends), NULL),
    sumIf(h.paid, h.ends),
    if(max(h.open) OR sumIf(h.paid, h.ends) IS NULL, sumIf(h.paid, h.open), toDecimal64(0, 2))
FROM
(
    SELECT account_id, product,
           start <= today AND last >= today AS owned,
           if(start <= today, last, toDate(0)) AS expires,
           false AS support,
           if(start <= today AND last >= today, ifNull(paid, toDecimal64(0, 2)), toDecimal64(0, 2)) AS subscribed,
           toDecimal64(0, 2) AS bought,
           start <= today AND last >= toDate({fiscal_from:String}) AND last < toDate({fiscal_to:String}) AS ends,
           ends AND NOT renewed AS open,
           licensed AS program, paid
    FROM
    (
        -- Renewed: another agreement of the account for the product begins later and ends later, and was known, whether it has begun or not.
        SELECT account_id, product, start, last, paid, licensed,
               max(last) OVER (PARTITION BY account_id, product ORDER BY toInt32(start) RANGE BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING) > last AS renewed
        FROM
        (
            SELECT account_id, product, sku, start, agreement_id,
                   -- In one tuple: argMax passes over a null that stands alone.
                   argMax((ifNull(end, toDate('2149-06-06')), annual_revenue, program), known_from) AS v,
                   tupleElement(v, 1) AS last, tupleElement(v, 2) AS paid, toString(tupleElement(v, 3)) AS licensed
            FROM subscription_rows
            WHERE {{.Slice}} AND known_from <= {known_by:DateTime64(3, 'UTC')}
            GROUP BY account_id, product, sku, start, agreement_id
        )
    )
    UNION ALL
    SELECT account_id, product, sum(amount) > 0, toDate(0), false, toDecimal64(0, 2), toDecimal64(sum(amount), 2), false, false, '', unpaid
    FROM
    (
        SELECT account_id, product, date, amount, ordinal
        FROM transaction_rows
        WHERE {{.Slice}} AND date <= today AND date > today - {owned_days:UInt16}
        GROUP BY account_id, product, date, amount, ordinal
        HAVING min(known_from) <= {known_by:DateTime64(3, 'UTC')}
    )
    GROUP BY account_id, product
    UNION ALL
    SELECT DISTINCT l.account_id, e.product, false, toDate(0), true, toDecimal64(0, 2), toDecimal64(0, 2), false, false, '', unpaid
    FROM licences AS l
    INNER JOIN (SELECT licence, product FROM run_end_of_support WHERE run_id = {run_id:String}) AS e ON e.licence = l.product
    WHERE {{.Slice}} AND l.known_from <= {known_by:DateTime64(3, 'UTC')} AND l.seen <= today
) AS h
INNER JOIN ({{template "sliced"}}) AS a ON a.account_id = h.account_id
INNER JOIN (SELECT number, product FROM run_products WHERE run_id = {run_id:String}) AS p ON p.product = h.product
GROUP BY a.shard, a.number, p.number
{{template "alone"}}
