-- The domains an account owns now, the principal one first. What it ever owned is looked up first, so
-- that only the rows of those domains are sorted.
SELECT domain
FROM
(
    SELECT domain, account_id, valid_to, position
    FROM account_domains
    WHERE domain IN (SELECT domain FROM account_domains WHERE account_id = {account:String})
    ORDER BY domain, valid_from DESC, known_from DESC
    LIMIT 1 BY domain
)
WHERE account_id = {account:String} AND valid_to > now64(3, 'UTC')
ORDER BY position, domain
