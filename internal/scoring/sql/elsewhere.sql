-- Pages that were decided on by address, with the number of the account they speak of; 0 is nobody's.
INSERT INTO run_elsewhere (run_id, domain, url, account)
SELECT {run_id:String}, t.domain, t.url, a.number
FROM (SELECT domain, url, account_id FROM run_attributions WHERE run_id = {run_id:String}) AS t
LEFT JOIN
(
    SELECT number, account_id FROM run_accounts
    WHERE run_id = {run_id:String} AND account_id IN (SELECT account_id FROM run_attributions WHERE run_id = {run_id:String})
) AS a ON a.account_id = t.account_id
