-- When accounts were first read, by days: all of those that are learned from, with evidence or without.
SELECT toDateTime64(toDate(first_read), 3, 'UTC'), toInt64(count())
FROM run_accounts
WHERE run_id = {run_id:String} AND sipHash64(account_id) % 1000000 < {keep:UInt64}
GROUP BY toDate(first_read)
