-- Which model stands. Nothing of the past is rewritten: a promotion or a rollback is a new row, so that who was champion when can be asked.

CREATE TABLE IF NOT EXISTS model_decisions
(
    name        LowCardinality(String) COMMENT 'Model family: intent, fit or matrix',
    product     LowCardinality(String) COMMENT 'Product; empty for all',
    version     String COMMENT 'Version of the model decided on',
    decided_at  DateTime64(3, 'UTC') COMMENT 'Since when it holds',
    recorded_at DateTime64(6, 'UTC') DEFAULT now64(6, 'UTC') COMMENT 'When the row was written: of two with one decided_at, as under a clock that stands still, the later counts',
    state       LowCardinality(String) COMMENT 'champion, challenger or retired',
    why         String COMMENT 'The rule and the figures behind it'
)
ENGINE = ReplacingMergeTree(recorded_at)
-- The history of one product's models is read whole, in order of time.
ORDER BY (name, product, decided_at, version)
COMMENT 'Decisions on models. Read through the view model_states.';

CREATE VIEW IF NOT EXISTS model_states AS
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
    SELECT name, product, argMax(version, (decided_at, recorded_at)) AS champion
    FROM model_decisions WHERE state = 'champion' GROUP BY name, product
) AS c ON c.name = m.name AND c.product = m.product
COMMENT 'One row a model with its present state: of one family and product the last that was made champion is it.';

ALTER TABLE models COMMENT COLUMN IF EXISTS state 'State when it was registered: champion or challenger. What holds now is in the view model_states';
