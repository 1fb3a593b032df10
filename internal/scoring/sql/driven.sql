{{define "driven" -}}
-- What the statements about one span's evidence begin with.
    subjects AS (SELECT subject, key, driver, worth FROM run_subjects WHERE run_id = {run_id:String}),
    wanted AS (SELECT number AS account, first_read FROM run_accounts WHERE run_id = {run_id:String} AND shard BETWEEN {first:UInt16} AND {last:UInt16}),
    scope AS (SELECT domain, account FROM run_domains WHERE run_id = {run_id:String} AND shard BETWEEN {first:UInt16} AND {last:UInt16}),
    {{- if .Elsewhere}}
    elsewhere AS ({{template "elsewhere"}}),
    {{- end}}
    {{- if .Texts}}
    regrouped AS (SELECT text_key, group_key FROM run_regrouped WHERE run_id = {run_id:String}),
    {{- end}}
    -- The signals of an account and subject side by side: what they say, when, from which family of sources. Sources that are not independent of each
    -- other have one bit: a feed carries the blog's words, and one look at a domain gives DNS, TLS and HTTP facts.
    together AS
    (
        SELECT account, subject, groupArray(signal_id) AS ids, groupArray(v) AS vs, groupArray(o) AS os,
               groupArray(toUInt8(transform(source, ['blog', 'feed', 'dns', 'tls', 'http', 'home', 'press', 'forum', 'social', 'careers'], [1, 1, 2, 2, 2, 4, 8, 16, 32, 64], 128))) AS families,
               -- For which product, as they stand in worth, a signal counts first: there it stands for itself in the run's count of signals.
               groupArray(toUInt8(arrayFirstIndex(w -> {{template "points"}} != 0, worth))) AS leads,
               -- Of topics and events told of after the account was first read (intent.SurgeEra): 1 in the recent weeks, 2 in those before, 0 at other times.
               groupArray(toUInt8(multiIf(technology OR said <= first, 0, said > {{template "ended"}} - {recent_days:UInt16}, 1, said > {{template "ended"}} - {recent_days:UInt16} - {baseline_days:UInt16}, 2, 0))) AS eras
        FROM
        (
            SELECT s.account AS account, s.subject AS subject, s.signal_id AS signal_id, s.value AS v, toUnixTimestamp64Milli(s.observed) AS o, s.source AS source, k.worth AS worth,
                   startsWith(k.driver, 'technology:') AS technology, {{template "day" "o"}} AS said,
                   if(a.first_read > toDateTime64(0, 3, 'UTC'), {{template "day" "toUnixTimestamp64Milli(a.first_read)"}}, 65535 * 2) AS first
            FROM ({{template "kept" .}}) AS s
            INNER JOIN (SELECT subject, driver, worth FROM subjects) AS k ON k.subject = s.subject
            INNER JOIN (SELECT account, first_read FROM wanted) AS a ON a.account = s.account
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
               toUInt32(arrayCount((x, e) -> x > 0 AND e = 1, each, eras)) AS recent, toUInt32(arrayCount((x, e) -> x > 0 AND e = 2, each, eras)) AS baseline,
               arrayFilter((i, x, e) -> x > 0 AND e = 1, ids, each, eras) AS lately,
               arraySum(each) AS raw,
               if(w.4 > 0 AND raw != 0, toInt64(sign(raw) * round(w.4 * (1 - exp(-abs(raw) / w.4)))), raw) AS points,
               -- Strongest first; at most 500 of one driver are kept by name, all of them count.
               arraySlice(arraySort((x, p) -> (-abs(p), x), arrayFilter((x, p) -> p != 0, ids, each), arrayFilter(p -> p != 0, each)), 1, 500) AS strongest
        FROM (SELECT t.*, k.worth AS worth FROM together AS t INNER JOIN (SELECT subject, worth FROM subjects) AS k ON k.subject = t.subject)
        ARRAY JOIN worth AS w, arrayEnumerate(worth) AS nth
        WHERE n > 0
    )
{{- end}}
