-- Evidence of one span: points by driver, saturated, with the base rate and the breadth of independent sources.
INSERT INTO run_evidence (run_id, span, account, product, logit, signals, used, sources, freshest, drivers)
WITH
    {{template "driven" .}},
    -- The names of drivers by their numbers: those that are no subject, then the subjects.
    (SELECT arrayConcat(['base:rate', 'breadth:sources', 'surge:recent', 'bought:lately'], arrayMap(x -> x.2, arraySort(groupArray((subject, driver))))) FROM subjects) AS names
SELECT {run_id:String}, {span:UInt16}, account, product, arraySum(x -> x.2, listed), signals, used, bitCount(families), fromUnixTimestamp64Milli(freshest, 'UTC'),
       CAST(arrayMap(x -> (names[x.1], x.2, x.3), arraySort((x, k) -> k, listed, arrayMap(x -> -65536 * abs(x.2) + x.1, listed))),
            'Array(Tuple(name LowCardinality(String), points Int64, signal_ids Array(UUID)))')
FROM
(
    SELECT e.account AS account, e.product AS product, e.signals AS signals, e.used AS used, e.families AS families, e.freshest AS freshest,
           arrayFilter(x -> x.2 != 0, arrayConcat(e.drivers,
           [
               (toInt64(1), b.base, CAST([], 'Array(UUID)')),
               (toInt64(2), least(b.each * greatest(toInt64(bitCount(e.families)) - 1, 0), if(b.most > 0, b.most, 9223372036854775807)), CAST([], 'Array(UUID)')),
               (toInt64(3), toInt64(round(b.surge * {{template "surge"}})), arraySlice(arraySort(e.lately), 1, 500)),
               (toInt64(4), if(g.age = 0, 0, toInt64(round(b.bought * if(b.bought_half_life > 0, exp2(-(g.age - 1) / b.bought_half_life), 1)))), CAST([], 'Array(UUID)'))
           ])) AS listed
    FROM
    (
        SELECT account, product, toUInt32(sum(n)) AS signals, toUInt32(sum(firsts)) AS used, max(latest) AS freshest, groupBitOr(family) AS families,
               groupArray((toInt64(subject + 4), points, strongest)) AS drivers,
               toInt64(sum(recent)) AS recent, toInt64(sum(baseline)) AS baseline, groupArrayArray(lately) AS lately
        FROM driven
        GROUP BY account, product
    ) AS e
    INNER JOIN (SELECT number, base, each, most, surge, bought, bought_half_life FROM run_products WHERE run_id = {run_id:String}) AS b ON b.number = e.product
    INNER JOIN (SELECT number, shape, rate FROM run_priors WHERE run_id = {run_id:String}) AS p ON p.number = e.product
    INNER JOIN (SELECT account, {{template "weeks" "first_read"}} FROM wanted) AS a ON a.account = e.account
    LEFT JOIN (SELECT account, product, age FROM run_purchases WHERE run_id = {run_id:String}) AS g ON g.account = e.account AND g.product = e.product
)
{{template "alone"}}
