{{define "grid" -}}
-- Every account and product of the shard: those with evidence as they stand, and the rest without.
SELECT account, product, logit, signals, sources, freshest, drivers FROM run_evidence WHERE run_id = {run_id:String} AND shard = {shard:UInt8}
UNION ALL
SELECT account, product, 0, 0, 0, toDateTime64(0, 3, 'UTC'), []
FROM
(
    SELECT number AS account, arrayJoin(JSONExtract(base64Decode({products:String}), 'Array(String)')) AS product
    FROM run_accounts WHERE run_id = {run_id:String} AND shard = {shard:UInt8}
)
WHERE (account, product) NOT IN (SELECT account, product FROM run_evidence WHERE run_id = {run_id:String} AND shard = {shard:UInt8})
{{- end}}
