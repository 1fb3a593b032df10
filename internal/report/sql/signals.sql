-- The signals behind each account and product that has a score, by the driver they are part of.
WITH named AS
(
    SELECT account_id, product, cell, d.1 AS driver, d.2 AS points, place, id
    FROM propensity_rows FINAL
    ARRAY JOIN drivers AS d
    ARRAY JOIN d.3 AS id, arrayEnumerate(d.3) AS place
    WHERE month = toDate({month:String}) AND run_id = {run_id:String} AND {{.Where}}
)
SELECT n.account_id, n.product, n.driver, n.points, toString(n.id), s.kind, s.name, s.observed, s.source, s.url, s.span
FROM named AS n
INNER JOIN
(
    SELECT signal_id, any(kind) AS kind, any(name) AS name, min(observed_at) AS observed, min(source) AS source, min(url) AS url, min(evidence) AS span
    FROM signal_rows
    WHERE signal_id IN (SELECT id FROM named)
    GROUP BY signal_id
) AS s ON s.signal_id = n.id
ORDER BY n.cell = '', n.cell, n.account_id, n.product, -abs(n.points), n.driver, n.place
