-- A champion of intent can be retired with none before it: then the weights set by hand hold again.

CREATE OR REPLACE VIEW model_states AS
SELECT m.name AS name, m.product AS product, m.version AS version, m.created_at AS created_at,
       multiIf(d.version = '', m.state, c.champion = m.version, 'champion', d.state = 'champion', 'retired', d.state) AS state,
       d.why AS why, if(d.version = '', NULL, d.decided_at) AS decided_at
FROM (SELECT name, product, version, created_at, state FROM models FINAL) AS m
LEFT JOIN
(
    SELECT name, product, version, tupleElement(last, 1) AS state, tupleElement(last, 2) AS why, at AS decided_at
    FROM (SELECT name, product, version, argMax((state, why), (decided_at, recorded_at)) AS last, max(decided_at) AS at FROM model_decisions GROUP BY name, product, version)
) AS d ON d.name = m.name AND d.product = m.product AND d.version = m.version
LEFT JOIN
(
    SELECT name, product, argMax(version, latest) AS champion
    FROM
    (
        SELECT name, product, version, max((decided_at, recorded_at)) AS latest, argMax(state, (decided_at, recorded_at)) AS now
        FROM model_decisions WHERE state IN ('champion', 'retired') GROUP BY name, product, version
    )
    WHERE now = 'champion'
    GROUP BY name, product
) AS c ON c.name = m.name AND c.product = m.product
COMMENT 'One row a model with its present state: of one family and product the last that was made champion and not retired since is it.';
