-- The latest version of some accounts.
SELECT account_id, name, country, region, industry, vertical, partner, employees, azure_potential_usd, attributes, deleted
FROM account_rows
WHERE account_id IN {accounts:Array(String)}
ORDER BY account_id, known_from DESC
LIMIT 1 BY account_id
