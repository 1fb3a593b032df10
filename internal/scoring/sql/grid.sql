{{define "grid" -}}
-- Every account and product of the span: those with evidence as they stand, and the rest without. One number stands for both. Drivers have the numbers
-- of their names, from 1.
WITH arrayConcat(['base:rate', 'breadth:sources', 'surge:recent', 'bought:lately'], (SELECT groupArray(driver) FROM (SELECT driver FROM run_subjects WHERE run_id = {run_id:String} ORDER BY subject))) AS names
SELECT account, product, toUInt64(account) * 256 + product AS both, logit, signals, sources, freshest, ending,
       arrayZip(CAST(arrayMap(n -> names[n], reinterpret(drivers, 'Array(UInt16)')), 'Array(LowCardinality(String))'), reinterpret(points, 'Array(Int64)'),
                arrayMap((n, upto) -> arraySlice(reinterpret(ids, 'Array(UUID)'), upto - n + 1, n), reinterpret(counts, 'Array(UInt16)') AS each, arrayCumSum(each))) AS drivers
FROM run_evidence WHERE run_id = {run_id:String} AND span = {span:UInt16}
UNION ALL
SELECT account, product, toUInt64(account) * 256 + product AS both, 0, 0, 0, toDateTime64(0, 3, 'UTC'), false, []
FROM
(
    SELECT number AS account, arrayJoin((SELECT groupArray(number) FROM run_products WHERE run_id = {run_id:String})) AS product
    FROM run_accounts WHERE run_id = {run_id:String} AND shard BETWEEN {first:UInt16} AND {last:UInt16}
)
WHERE both NOT IN (SELECT toUInt64(account) * 256 + product FROM run_evidence WHERE run_id = {run_id:String} AND span = {span:UInt16})
{{- end}}
