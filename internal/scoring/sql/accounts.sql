-- The accounts of one slice as of the run, each in a shard. signal_rows is partitioned by sipHash64(domain) % 16 and ordered by domain: an account whose domains
-- all lie in one partition, and there between the same two bounds, is scored with its neighbours and touches nothing else; the rest, and those that
-- pages elsewhere speak of, have shards by the range that the first domain lies in, as the others of an account often begin like it, and by account.
INSERT INTO run_accounts (run_id, slice, shard, number, account_id, segment, industry, covered, first_read, size)
WITH JSONExtract(base64Decode({ranges:String}), 'Array(String)') AS bounds
SELECT
    {run_id:String}, {slice:UInt16},
    if(o.lowest = o.highest AND NOT elsewhere, o.lowest, toUInt16(60000 + 64 * arrayCount(b -> b <= o.earliest, bounds) + sipHash64(a.account_id) % 64)),
    toUInt32({slice:UInt16} * 16777216 + rowNumberInAllBlocks() + 1),
    a.account_id,
    -- First match wins; a bound of 0 is none, an unknown figure fails a bound on it.
    arrayFirst((name, least_employees, above) ->
            (least_employees = 0 OR a.employees >= least_employees) AND (above = 0 OR a.potential > above),
        arrayConcat(JSONExtract(base64Decode({segment_names:String}), 'Array(String)'), ['Unknown']),
        arrayConcat(JSONExtract(base64Decode({segment_employees:String}), 'Array(Int64)'), [0]),
        arrayConcat(JSONExtract(base64Decode({segment_azure:String}), 'Array(Float64)'), [0.])),
    a.industry,
    o.covered OR elsewhere,
    o.first,
    multiIf(a.employees < 0, '', a.employees < 10, '0–9', a.employees < 25, '10–24', a.employees < 100, '25–99', a.employees < 300, '100–299', a.employees < 1000, '300–999', a.employees < 5000, '1000–4999', '5000+')
FROM
(
    SELECT account_id, industry, employees, potential
    FROM
    (
        -- As with owners, the table's order read backwards.
        SELECT account_id, industry, ifNull(toInt64(employees), -1) AS employees, ifNull(azure_potential_usd, -1.) AS potential, deleted
        FROM account_rows
        WHERE known_from <= {known_by:DateTime64(3, 'UTC')} AND {{.Slice}}
        ORDER BY account_id DESC, known_from DESC
        LIMIT 1 BY account_id
    )
    WHERE NOT deleted
) AS a
LEFT JOIN
(
    SELECT account_id, min(shard) AS lowest, max(shard) AS highest, min(domain) AS earliest, minIf(first_read, toUnixTimestamp64Milli(first_read) != 0) AS first, max(toUnixTimestamp64Milli(first_read) != 0) AS covered
    FROM run_owners
    WHERE run_id = {run_id:String} AND {{.Slice}}
    GROUP BY account_id
) AS o ON o.account_id = a.account_id
LEFT JOIN
(
    SELECT account_id, true AS elsewhere FROM run_attributions WHERE run_id = {run_id:String} AND account_id != '' AND {{.Slice}} GROUP BY account_id
) AS e ON e.account_id = a.account_id
{{template "alone"}}
