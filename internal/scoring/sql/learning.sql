-- What counted for one product as of the run's two times, and what came of it: a row for each account that has any evidence, in order, so that the same store
-- gives the same rows. The evidence is the run's own relation, of the drivers that are asked for by their numbers; its two times are the month's end.
WITH
    drivers AS (SELECT arrayJoin(JSONExtract(base64Decode({drivers:String}), 'Array(Tuple(UInt16, String, String))')) AS d),
    subjects AS (SELECT d.1 AS subject, cityHash64(d.2, d.3, if(d.2 = 'topic', base64Decode({product:String}), '')) AS key FROM drivers),
    wanted AS (SELECT number AS account FROM run_accounts WHERE run_id = {run_id:String} AND sipHash64(account_id) % 1000000 < {keep:UInt64}),
    scope AS (SELECT domain, account FROM run_domains WHERE run_id = {run_id:String} AND account IN (SELECT account FROM wanted))
    {{- if .Elsewhere}},
    elsewhere AS ({{template "elsewhere"}})
    {{- end}}
    {{- if .Texts}},
    regrouped AS ({{template "regrouped"}})
    {{- end}}
SELECT a.account_id, toInt64(o.won), a.first_read, toInt64(g.age),
       toJSONString(arrayMap(x -> x.1, k.signals)), toJSONString(arrayMap(x -> x.2, k.signals)), toJSONString(arrayMap(x -> x.3, k.signals)), toJSONString(arrayMap(x -> x.4, k.signals))
FROM
(
    -- Sorted: sums of fractions depend on their order. Sources that are not independent of each other have one number, as in the run.
    SELECT account, arraySort(groupArray((
        toInt32(subject),
        toInt32({{template "day" "toUnixTimestamp64Milli({as_of:DateTime64(3, 'UTC')})"}} - {{template "day" "toUnixTimestamp64Milli(observed)"}}),
        value,
        toUInt8(transform(source, ['blog', 'feed', 'dns', 'tls', 'http', 'home', 'press', 'forum', 'social', 'careers'], [1, 1, 2, 2, 2, 3, 4, 5, 6, 7], 8))
    ))) AS signals
    FROM ({{template "kept" .}})
    GROUP BY account
) AS k
INNER JOIN (SELECT number, account_id, first_read FROM run_accounts WHERE run_id = {run_id:String}) AS a ON a.number = k.account
LEFT JOIN
(
    SELECT account_id, count() AS won
    FROM opportunities
    WHERE product = base64Decode({product:String}) AND outcome = 'won' AND closed > toDate({after:String}) AND closed <= toDate({until:String})
    GROUP BY account_id
) AS o ON o.account_id = a.account_id
LEFT JOIN (SELECT account_id, age FROM ({{template "purchased" .}}) WHERE product = base64Decode({product:String})) AS g ON g.account_id = a.account_id
ORDER BY a.account_id
