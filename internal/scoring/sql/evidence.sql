-- Evidence of one shard: points by driver, saturated, with the base rate and the breadth of independent sources.
INSERT INTO run_evidence (run_id, shard, account, product, logit, signals, used, sources, freshest, drivers)
WITH
    weights AS ({{template "weights"}}),
    subjects AS ({{template "subjects"}}),
    wanted AS (SELECT number AS account FROM run_accounts WHERE run_id = {run_id:String} AND shard = {shard:UInt8}),
    scope AS (SELECT domain, account FROM run_domains WHERE run_id = {run_id:String} AND shard = {shard:UInt8}),
    {{- if .Elsewhere}}
    elsewhere AS
    (
        SELECT t.domain AS domain, t.url AS url, a.number AS account
        FROM (SELECT domain, url, account_id FROM run_attributions WHERE run_id = {run_id:String}) AS t
        LEFT JOIN (SELECT number, account_id FROM run_accounts WHERE run_id = {run_id:String}) AS a ON a.account_id = t.account_id
    ),
    {{- end}}
    counted AS ({{template "counted" .}}),
    -- Subjects are numbered from 1 without holes, so a subject's name is found by its number.
    (SELECT arrayMap(x -> x.2, arraySort(groupArray((subject, concat(kind, ':', name))))) FROM subjects) AS names
SELECT {run_id:String}, {shard:UInt8}, e.account, e.product,
       arraySum(x -> x.2, drivers) AS logit, e.signals, e.used, bitCount(e.families), e.freshest,
       CAST(arraySort(x -> (-abs(x.2), x.1), arrayFilter(x -> x.2 != 0, arrayConcat(
           arrayMap((s, points, n, upto) -> (names[s], points, arraySlice(e.ids, upto - n + 1, n)), e.subjects, e.points, e.lengths, arrayCumSum(e.lengths)), [
           ('base:rate', b.base, CAST([], 'Array(UUID)')),
           ('breadth:sources', least(b.each * greatest(toInt64(bitCount(e.families)) - 1, 0), if(b.most > 0, b.most, 9223372036854775807)), CAST([], 'Array(UUID)'))
       ]))), 'Array(Tuple(name String, points Int64, signal_ids Array(UUID)))') AS drivers
FROM
(
    -- Arrays of numbers side by side, and the ids one after another, parted again by their lengths above.
    SELECT account, product, toUInt32(sum(n)) AS signals, toUInt32(sum(firsts)) AS used, max(latest) AS freshest, groupBitOr(family) AS families,
           groupArray(subject) AS subjects, groupArray(saturated) AS points, groupArray(length(driver_ids)) AS lengths, groupArrayArray(driver_ids) AS ids
    FROM
    (
        SELECT account, product, subject, count() AS n, countIf(nth = 1) AS firsts, max(observed) AS latest,
               sum(points) AS raw,
               if(any(cap) > 0 AND raw != 0, toInt64(sign(raw) * round(any(cap) * (1 - exp(-abs(raw) / any(cap))))), raw) AS saturated,
               -- Sources that are not independent of each other have one bit: a feed carries the blog's words, and one look at a domain gives DNS, TLS and HTTP facts.
               groupBitOr(if(points > 0, transform(source, ['blog', 'feed', 'dns', 'tls', 'http', 'home', 'press', 'forum', 'social', 'careers'], [1, 1, 2, 2, 2, 4, 8, 16, 32, 64], 128), 0)) AS family,
               -- Strongest first; at most 500 of one driver are kept by name, all of them count.
               arraySlice(arraySort((x, p) -> (-abs(p), x), groupArray(signal_id), groupArray(points)), 1, 500) AS driver_ids
        FROM counted
        GROUP BY account, product, subject
    )
    GROUP BY account, product
) AS e
LEFT JOIN
(
    SELECT product, sumIf(points, kind = 'base') AS base, sumIf(points, kind = 'breadth') AS each, sumIf(cap, kind = 'breadth') AS most
    FROM weights GROUP BY product
) AS b ON b.product = e.product
