-- The signals behind one account and product, as the run counted them: the same relation as the run's, narrowed to
-- the account, with the run's two times and weights.
WITH
    weights AS ({{template "weights"}}),
    subjects AS ({{template "subjects"}}),
    regrouped AS ({{template "regrouped"}}),
    owners AS ({{template "owners"}}),
    wanted AS (SELECT toUInt32(1) AS account),
    elsewhere AS
    (
        SELECT s.domain AS domain, a.url AS url, toUInt32(a.account_id = base64Decode({account:String})) AS account
        FROM ({{template "attributed"}}) AS a
        INNER JOIN (SELECT DISTINCT domain, url FROM signal_rows WHERE url IN (SELECT url FROM attribution_rows)) AS s ON s.url = a.url
        WHERE a.corrected OR has(a.domains, s.domain)
    ),
    scope AS (SELECT domain, toUInt32(1) AS account FROM owners WHERE account_id = base64Decode({account:String})),
    counted AS ({{template "counted" .}})
SELECT k.driver, splitByChar(':', k.driver, 2)[1], splitByChar(':', k.driver, 2)[2], toString(c.signal_id), c.points, c.observed, c.source, c.url, c.span
FROM (SELECT * FROM counted WHERE product IN (SELECT number FROM weights WHERE product = base64Decode({product:String}))) AS c
INNER JOIN (SELECT subject, driver FROM subjects) AS k ON k.subject = c.subject
ORDER BY -abs(c.points), c.signal_id
