-- Who owns which domain, by the account's shard, of one slice of accounts.
INSERT INTO run_domains (run_id, slice, shard, domain, account)
SELECT {run_id:String}, {slice:UInt16}, a.shard, o.domain, a.number
FROM (SELECT domain, account_id FROM run_owners WHERE run_id = {run_id:String} AND {{.Slice}}) AS o
INNER JOIN ({{template "sliced"}}) AS a ON a.account_id = o.account_id
{{template "alone"}}

{{define "sliced" -}}
SELECT shard, number, account_id, segment, industry, size FROM run_accounts WHERE run_id = {run_id:String} AND slice = {slice:UInt16}
{{- end}}
