-- Evidence of one shard: points by driver, saturated, with the base rate and the breadth of independent sources.
INSERT INTO run_evidence (run_id, shard, account_id, product, logit, signals, sources, freshest, drivers)
WITH
    weights AS ({{template "weights"}}),
    wanted AS (SELECT account_id FROM run_accounts WHERE run_id = {run_id:String} AND shard = {shard:UInt8}),
    scope AS (SELECT domain, account_id FROM run_domains WHERE run_id = {run_id:String} AND shard = {shard:UInt8}),
    elsewhere AS (SELECT domain, url, account_id FROM run_attributions WHERE run_id = {run_id:String}),
    counted AS ({{template "counted" .}})
SELECT {run_id:String}, {shard:UInt8}, e.account_id, e.product,
       arraySum(x -> x.2, drivers) AS logit, e.signals, length(e.families), e.freshest,
       CAST(arraySort(x -> (-abs(x.2), x.1), arrayFilter(x -> x.2 != 0, arrayConcat(e.found, [
           ('base:rate', b.base, CAST([], 'Array(UUID)')),
           ('breadth:sources', least(b.each * greatest(toInt64(length(e.families)) - 1, 0), if(b.most > 0, b.most, 9223372036854775807)), CAST([], 'Array(UUID)'))
       ]))), 'Array(Tuple(name String, points Int64, signal_ids Array(UUID)))') AS drivers
FROM
(
    SELECT account_id, product, toUInt32(sum(n)) AS signals, max(latest) AS freshest,
           groupUniqArrayArray(families) AS families,
           groupArray((concat(kind, ':', name), saturated, ids)) AS found
    FROM
    (
        SELECT account_id, product, kind, name, count() AS n, max(observed) AS latest,
               sum(points) AS raw,
               if(cap > 0 AND raw != 0, toInt64(sign(raw) * round(cap * (1 - exp(-abs(raw) / cap)))), raw) AS saturated,
               groupUniqArrayIf(multiIf(source IN ('blog', 'feed'), 'writing', source IN ('dns', 'tls', 'http'), 'probe', source), points > 0) AS families,
               -- Strongest first; at most 500 of one driver are kept by name, all of them count.
               arraySlice(arrayMap(x -> x.2, arraySort(groupArray((-abs(points), signal_id)))), 1, 500) AS ids
        FROM counted
        GROUP BY account_id, product, kind, name, cap
    )
    GROUP BY account_id, product
) AS e
LEFT JOIN
(
    SELECT product, sumIf(points, kind = 'base') AS base, sumIf(points, kind = 'breadth') AS each, sumIf(cap, kind = 'breadth') AS most
    FROM weights GROUP BY product
) AS b ON b.product = e.product
