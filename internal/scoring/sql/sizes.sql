-- How many accounts each shard has.
SELECT toInt64(shard), toInt64(count()) FROM run_accounts WHERE run_id = {run_id:String} GROUP BY shard ORDER BY shard
