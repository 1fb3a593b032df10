-- Who owns which domain, by the account's shard.
INSERT INTO run_domains (run_id, shard, domain, account_id)
WITH owners AS ({{template "owners"}})
SELECT {run_id:String}, a.shard, o.domain, o.account_id
FROM owners AS o
INNER JOIN (SELECT shard, account_id FROM run_accounts WHERE run_id = {run_id:String}) AS a ON a.account_id = o.account_id
