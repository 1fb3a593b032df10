-- The signals that count for the accounts of one span, account by account and subject by subject. Sources that are not independent of each other have one
-- bit: a feed carries the blog's words, and one look at a domain gives DNS, TLS and HTTP facts.
WITH
    subjects AS (SELECT subject, key FROM run_subjects WHERE run_id = {run_id:String}),
    wanted AS (SELECT number AS account FROM run_accounts WHERE run_id = {run_id:String} AND shard BETWEEN {first:UInt16} AND {last:UInt16}),
    scope AS (SELECT domain, account FROM run_domains WHERE run_id = {run_id:String} AND shard BETWEEN {first:UInt16} AND {last:UInt16})
    {{- if .Elsewhere}},
    elsewhere AS ({{template "elsewhere"}})
    {{- end}}
    {{- if .Texts}},
    regrouped AS (SELECT text_key, group_key FROM run_regrouped WHERE run_id = {run_id:String})
    {{- end}}
SELECT account, subject, signal_id, value, toUnixTimestamp64Milli(observed),
       toUInt8(transform(source, ['blog', 'feed', 'dns', 'tls', 'http', 'home', 'press', 'forum', 'social', 'careers'], [1, 1, 2, 2, 2, 4, 8, 16, 32, 64], 128))
FROM ({{template "kept" .}})
{{template "alone"}}
