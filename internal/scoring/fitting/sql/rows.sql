-- The rows to learn from or to score: what was known of each account, and what it had on the day before.
WITH
    known AS ({{template "accounts"}}),
    owners AS ({{template "owners"}}),
    examples AS ({{template "examples" .}}),
    asked AS (SELECT DISTINCT account_id, at FROM examples)
SELECT
    e.account_id, toInt64(e.closed), e.won,
    toString(k.country), toString(k.region), toString(k.industry), toString(k.vertical), k.employees, k.potential, mapKeys(k.attributes), mapValues(k.attributes),
    h.products, c.covered, {{if .Technologies}}t.names{{else}}CAST([], 'Array(String)'){{end}}
FROM examples AS e
INNER JOIN known AS k ON k.account_id = e.account_id
LEFT JOIN
(
    SELECT a.account_id AS account_id, a.at AS at, arraySort(groupUniqArray(toString(h.product))) AS products
    FROM asked AS a
    INNER JOIN ({{template "holdings"}}) AS h ON h.account_id = a.account_id
    WHERE h.since < a.at AND h.till >= a.at
    GROUP BY a.account_id, a.at
) AS h ON h.account_id = e.account_id AND h.at = e.at
LEFT JOIN
(
    -- Covered: a page had been read by then; without, silence says nothing.
    SELECT a.account_id AS account_id, a.at AS at, true AS covered
    FROM asked AS a
    INNER JOIN
    (
        SELECT o.account_id AS account_id, min(p.first) AS first
        FROM owners AS o
        INNER JOIN
        (
            SELECT domain, min(fetched_at) AS first FROM pages
            WHERE fetched_at <= {known_by:DateTime64(3, 'UTC')} AND error = '' AND (status = 304 OR status BETWEEN 200 AND 299)
            GROUP BY domain
        ) AS p ON p.domain = o.domain
        GROUP BY o.account_id
    ) AS f ON f.account_id = a.account_id
    WHERE f.first < toDateTime64(a.at, 3, 'UTC')
) AS c ON c.account_id = e.account_id AND c.at = e.at
{{if .Technologies}}LEFT JOIN
(
    SELECT a.account_id AS account_id, a.at AS at, arraySort(groupUniqArray(toString(t.name))) AS names
    FROM asked AS a
    INNER JOIN owners AS o ON o.account_id = a.account_id
    INNER JOIN ({{template "technology"}}) AS t ON t.domain = o.domain
    WHERE t.since < toDateTime64(a.at, 3, 'UTC') AND t.until >= toDateTime64(a.at, 3, 'UTC')
      AND has(JSONExtract(base64Decode({technologies:String}), 'Array(String)'), t.name)
    GROUP BY a.account_id, a.at
) AS t ON t.account_id = e.account_id AND t.at = e.at{{end}}
ORDER BY e.closed, e.account_id, e.at, e.won
