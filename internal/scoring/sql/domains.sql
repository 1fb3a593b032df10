-- Who owns which domain, by the account's shard.
INSERT INTO run_domains (run_id, shard, domain, account)
WITH owners AS ({{template "owners"}})
SELECT {run_id:String}, a.shard, o.domain, a.number
FROM owners AS o
INNER JOIN (SELECT shard, number, account_id FROM run_accounts WHERE run_id = {run_id:String}) AS a ON a.account_id = o.account_id
{{template "spills"}}
