-- The signals behind one account and product, as the run counted them: the same relation as the run's, narrowed to the account, with the run's two
-- times, and what each is worth by its weights.
WITH
    weights AS ({{template "weights"}}),
    subjects AS ({{template "subjects"}}),
    regrouped AS ({{template "regrouped"}}),
    owners AS ({{template "owners" .}}),
    wanted AS (SELECT toUInt32(1) AS account),
    elsewhere AS
    (
        SELECT s.domain AS domain, a.url AS url, toUInt32(a.account_id = base64Decode({account:String})) AS account
        FROM ({{template "attributed"}}) AS a
        INNER JOIN (SELECT DISTINCT domain, url FROM signal_rows WHERE url IN (SELECT url FROM attribution_rows)) AS s ON s.url = a.url
        WHERE a.corrected OR has(a.domains, s.domain)
    ),
    scope AS (SELECT domain, toUInt32(1) AS account FROM owners WHERE account_id = base64Decode({account:String}))
SELECT k.kind, k.name, toString(s.signal_id), s.value, k.points, k.half_life, s.observed, s.source, s.url, s.span
FROM ({{template "kept" .}}) AS s
INNER JOIN
(
    SELECT subject, kind, name, points, half_life FROM weights
    WHERE product = base64Decode({product:String}) AND kind NOT IN ('base', 'breadth', 'surge', 'bought')
) AS k ON k.subject = s.subject
