-- What pages are matched to: every account with its name, the domains it owns now, country and industry.
SELECT a.account_id AS account_id, a.name AS name, a.country AS country, a.industry AS industry, d.domains AS domains
FROM (SELECT account_id, name, country, industry FROM accounts) AS a
LEFT JOIN
(
    SELECT account_id, arrayMap(x -> x.2, arraySort(groupArray((position, domain)))) AS domains FROM domain_owners GROUP BY account_id
) AS d ON d.account_id = a.account_id
ORDER BY account_id
