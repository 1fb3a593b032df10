-- Evidence of one span: points by driver, saturated, with the base rate and the breadth of independent sources.
INSERT INTO run_evidence (run_id, span, account, product, logit, signals, used, sources, freshest, drivers)
WITH
    subjects AS (SELECT subject, key, driver, worth FROM run_subjects WHERE run_id = {run_id:String}),
    wanted AS (SELECT number AS account FROM run_accounts WHERE run_id = {run_id:String} AND shard BETWEEN {first:UInt16} AND {last:UInt16}),
    scope AS (SELECT domain, account FROM run_domains WHERE run_id = {run_id:String} AND shard BETWEEN {first:UInt16} AND {last:UInt16}),
    {{- if .Elsewhere}}
    elsewhere AS ({{template "elsewhere"}}),
    {{- end}}
    -- The names of drivers by their numbers: the two that are no signal, then the subjects. In order of names, so that numbers decide ties as names do.
    (SELECT arrayConcat(['base:rate', 'breadth:sources'], arrayMap(x -> x.2, arraySort(groupArray((subject, driver))))) FROM subjects) AS names,
    -- The signals of an account and subject side by side: what they say, when, from which family of sources. Sources that are not independent of each
    -- other have one bit: a feed carries the blog's words, and one look at a domain gives DNS, TLS and HTTP facts.
    together AS
    (
        SELECT account, subject, groupArray(signal_id) AS ids, groupArray(v) AS vs, groupArray(o) AS os,
               groupArray(toUInt8(transform(source, ['blog', 'feed', 'dns', 'tls', 'http', 'home', 'press', 'forum', 'social', 'careers'], [1, 1, 2, 2, 2, 4, 8, 16, 32, 64], 128))) AS families,
               -- For which product, as they stand in worth, a signal counts first: there it stands for itself in the run's count of signals.
               groupArray(toUInt8(arrayFirstIndex(w -> {{template "points"}} != 0, worth))) AS leads
        FROM
        (
            SELECT s.account AS account, s.subject AS subject, s.signal_id AS signal_id, s.value AS v, toUnixTimestamp64Milli(s.observed) AS o, s.source AS source, k.worth AS worth
            FROM ({{template "kept" .}}) AS s
            INNER JOIN (SELECT subject, worth FROM subjects) AS k ON k.subject = s.subject
        )
        GROUP BY account, subject
    ),
    -- One row for each driver of an account and product, saturated.
    driven AS
    (
        SELECT account, toUInt8(w.1) AS product, subject, toUInt32(arrayCount(x -> x = nth, leads)) AS firsts,
               arrayMap((v, o) -> {{template "points"}}, vs, os) AS each,
               toUInt32(arrayCount(x -> x != 0, each)) AS n,
               arrayMax((o, x) -> if(x != 0, o, 0), os, each) AS latest,
               toUInt8(arrayReduce('groupBitOr', arrayMap((f, x) -> if(x > 0, f, toUInt8(0)), families, each))) AS family,
               arraySum(each) AS raw,
               if(w.4 > 0 AND raw != 0, toInt64(sign(raw) * round(w.4 * (1 - exp(-abs(raw) / w.4)))), raw) AS points,
               -- Strongest first; at most 500 of one driver are kept by name, all of them count.
               arraySlice(arraySort((x, p) -> (-abs(p), x), arrayFilter((x, p) -> p != 0, ids, each), arrayFilter(p -> p != 0, each)), 1, 500) AS strongest
        FROM (SELECT t.*, k.worth AS worth FROM together AS t INNER JOIN (SELECT subject, worth FROM subjects) AS k ON k.subject = t.subject)
        ARRAY JOIN worth AS w, arrayEnumerate(worth) AS nth
        WHERE n > 0
    )
SELECT {run_id:String}, {span:UInt16}, account, product, arraySum(x -> x.2, listed), signals, used, bitCount(families), fromUnixTimestamp64Milli(freshest, 'UTC'),
       CAST(arrayMap(x -> (names[x.1], x.2, x.3), arraySort((x, k) -> k, listed, arrayMap(x -> -65536 * abs(x.2) + x.1, listed))),
            'Array(Tuple(name String, points Int64, signal_ids Array(UUID)))')
FROM
(
    SELECT e.account AS account, e.product AS product, e.signals AS signals, e.used AS used, e.families AS families, e.freshest AS freshest,
           arrayFilter(x -> x.2 != 0, arrayConcat(e.drivers,
           [
               (toInt64(1), b.base, CAST([], 'Array(UUID)')),
               (toInt64(2), least(b.each * greatest(toInt64(bitCount(e.families)) - 1, 0), if(b.most > 0, b.most, 9223372036854775807)), CAST([], 'Array(UUID)'))
           ])) AS listed
    FROM
    (
        SELECT account, product, toUInt32(sum(n)) AS signals, toUInt32(sum(firsts)) AS used, max(latest) AS freshest, groupBitOr(family) AS families,
               groupArray((toInt64(subject + 2), points, strongest)) AS drivers
        FROM driven
        GROUP BY account, product
    ) AS e
    INNER JOIN (SELECT number, base, each, most FROM run_products WHERE run_id = {run_id:String}) AS b ON b.number = e.product
)
{{template "alone"}}
