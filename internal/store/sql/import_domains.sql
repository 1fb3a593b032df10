-- The latest row of each domain that some accounts own or owned, and of some other domains.
SELECT account_id, domain, valid_from, valid_to, position
FROM account_domains
WHERE domain IN (SELECT domain FROM account_domains WHERE account_id IN {accounts:Array(String)})
   OR domain IN {domains:Array(String)}
ORDER BY domain, valid_from DESC, known_from DESC, valid_to DESC
LIMIT 1 BY domain
