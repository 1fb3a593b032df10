-- Signals used by one shard: a signal belongs to one account but may count for several products.
SELECT toInt64(sum(used))
FROM
(
    SELECT length(arrayDistinct(arrayFlatten(groupArray(arrayFlatten(drivers.signal_ids))))) AS used
    FROM run_evidence WHERE run_id = {run_id:String} AND shard = {shard:UInt8}
    GROUP BY account_id
)
