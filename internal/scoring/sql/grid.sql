{{define "grid" -}}
-- Every account and product of the span: those with evidence as they stand, and the rest without. One number stands for both.
SELECT account, product, toUInt64(account) * 256 + product AS both, logit, signals, sources, freshest,
       arrayZip(names, points, arrayMap((n, upto) -> arraySlice(ids, upto - n + 1, n), counts, arrayCumSum(counts))) AS drivers
FROM run_evidence WHERE run_id = {run_id:String} AND span = {span:UInt16}
UNION ALL
SELECT account, product, toUInt64(account) * 256 + product AS both, 0, 0, 0, toDateTime64(0, 3, 'UTC'), []
FROM
(
    SELECT number AS account, arrayJoin((SELECT groupArray(number) FROM run_products WHERE run_id = {run_id:String})) AS product
    FROM run_accounts WHERE run_id = {run_id:String} AND shard BETWEEN {first:UInt16} AND {last:UInt16}
)
WHERE both NOT IN (SELECT toUInt64(account) * 256 + product FROM run_evidence WHERE run_id = {run_id:String} AND span = {span:UInt16})
{{- end}}
