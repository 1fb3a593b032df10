-- The signals behind one account and product, as the run counted them: the same relation as the run's, narrowed to
-- the account, with the run's two times and weights.
WITH
    weights AS ({{template "weights"}}),
    owners AS ({{template "owners"}}),
    wanted AS (SELECT base64Decode({account:String}) AS account_id),
    elsewhere AS
    (
        SELECT s.domain AS domain, a.url AS url, a.account_id AS account_id
        FROM ({{template "attributed"}}) AS a
        INNER JOIN (SELECT DISTINCT domain, url FROM signal_rows WHERE url IN (SELECT url FROM attribution_rows)) AS s ON s.url = a.url
        WHERE a.corrected OR has(a.domains, s.domain)
    ),
    scope AS (SELECT domain, account_id FROM owners WHERE account_id IN (SELECT account_id FROM wanted)),
    counted AS ({{template "counted" .}})
SELECT concat(kind, ':', name) AS driver, kind, name, toString(signal_id), points, observed, source, url, span
FROM counted
WHERE product = base64Decode({product:String})
ORDER BY -abs(points), signal_id
