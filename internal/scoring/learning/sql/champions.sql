-- The champion of intent of each product as of a time: of those that were made champion and not retired since, the latest.
SELECT c.product, m.content
FROM
(
    SELECT product, argMax(version, latest) AS version
    FROM
    (
        SELECT product, version, max((decided_at, recorded_at)) AS latest, argMax(state, (decided_at, recorded_at)) AS now
        FROM model_decisions
        WHERE name = 'intent' AND product != '' AND state IN ('champion', 'retired') AND decided_at <= {at:DateTime64(3, 'UTC')}
        GROUP BY product, version
    )
    WHERE now = 'champion'
    GROUP BY product
) AS c
INNER JOIN (SELECT product, version, content FROM models FINAL WHERE name = 'intent') AS m ON m.product = c.product AND m.version = c.version
ORDER BY c.product
