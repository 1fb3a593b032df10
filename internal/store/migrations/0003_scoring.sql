-- What the monthly scorer writes. Rows are written under a run id and become visible at once,
-- when the run's state turns to published.

CREATE TABLE IF NOT EXISTS scoring_run_rows
(
    run_id       String COMMENT 'Run',
    version      UInt64 COMMENT 'Grows with every change; the highest counts',
    month        Date COMMENT 'First day of the month scored',
    state        LowCardinality(String) COMMENT 'running, published, superseded or failed',
    as_of        DateTime64(3, 'UTC') COMMENT 'Signals observed up to here count: the month''s end, or the run''s start while it is running',
    known_by     DateTime64(3, 'UTC') COMMENT 'Signals detected up to here count',
    started_at   DateTime64(3, 'UTC') COMMENT 'When it began',
    finished_at  Nullable(DateTime64(3, 'UTC')) COMMENT 'When it ended',
    intent_model LowCardinality(String) COMMENT 'Version of the intent weights',
    matrix       LowCardinality(String) COMMENT 'Version of the matrix and bands',
    accounts     UInt64 COMMENT 'Accounts scored',
    signals      UInt64 COMMENT 'Signals used',
    rows         UInt64 COMMENT 'Rows written',
    error        String COMMENT 'Why it failed'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY run_id
COMMENT 'Scoring runs. Read through the view scoring_runs.';

CREATE VIEW IF NOT EXISTS scoring_runs AS
SELECT run_id, month, state, as_of, known_by, started_at, finished_at, intent_model, matrix, accounts, signals, rows, error
FROM scoring_run_rows FINAL
COMMENT 'One row a run.';

CREATE VIEW IF NOT EXISTS published_runs AS
SELECT month, argMax(run_id, (finished_at, run_id)) AS run_id
FROM scoring_run_rows FINAL
WHERE state = 'published'
GROUP BY month
COMMENT 'The run a reader sees, a month.';

CREATE TABLE IF NOT EXISTS intent_score_rows
(
    month       Date COMMENT 'First day of the month scored',
    run_id      String COMMENT 'Run',
    account_id  String COMMENT 'Account',
    product     LowCardinality(String) COMMENT 'Cloud product',
    logit       Int64 COMMENT 'Sum of the points, in thousandths of a logit',
    probability Nullable(Float64) COMMENT 'Calibrated probability; null while the weights are not trained',
    score       Nullable(Float32) COMMENT '0–100, a percentile among accounts with evidence; null where there is none',
    rating      LowCardinality(String) COMMENT 'High, Medium, Low, Very Low or Unknown',
    signals     UInt32 COMMENT 'Signals that count',
    sources     UInt8 COMMENT 'Independent sources among them',
    freshest    Nullable(DateTime64(3, 'UTC')) COMMENT 'Latest observation among them',
    covered     Bool COMMENT 'A page of the account was read by the run''s known_by',
    drivers     Array(Tuple(name String, points Int64, signal_ids Array(UUID))) COMMENT 'What the score is made of: points sum to the logit'
)
ENGINE = ReplacingMergeTree
PARTITION BY month
-- A run is written, read and dropped as a whole; within it by account, as explanation asks.
ORDER BY (run_id, account_id, product)
TTL month + INTERVAL 37 MONTH
COMMENT 'Intent scores of every run. Read through the view intent_scores.';

CREATE VIEW IF NOT EXISTS intent_scores AS
SELECT month, account_id, product, logit, probability, score, rating, signals, sources, freshest, covered, drivers, run_id
FROM intent_score_rows FINAL
WHERE (month, run_id) IN (SELECT month, run_id FROM published_runs)
COMMENT 'Intent scores of the published run of each month.';

CREATE TABLE IF NOT EXISTS propensity_rows
(
    month              Date COMMENT 'First day of the month scored',
    run_id             String COMMENT 'Run',
    account_id         String COMMENT 'Account',
    product            LowCardinality(String) COMMENT 'Cloud product',
    fit_score          Nullable(Float32) COMMENT '0–100; null where there is none',
    fit_rating         LowCardinality(String) COMMENT 'High, Medium, Low, Very Low or Unknown',
    intent_score       Nullable(Float32) COMMENT '0–100; null where there is none',
    intent_rating      LowCardinality(String) COMMENT 'High, Medium, Low, Very Low or Unknown',
    cell               LowCardinality(String) COMMENT 'A1–D4; empty where either rating is Unknown',
    cluster            LowCardinality(String) COMMENT 'Act Now, Evaluate, Nurture or Educate; Unknown without a cell',
    segment            LowCardinality(String) COMMENT 'Top Unmanaged user-based, Top Unmanaged compute-based, Medium, Small, Very Small or Unknown',
    motion             LowCardinality(String) COMMENT 'whitespace, upsell, renewal or end_of_support',
    whitespace_revenue Nullable(Decimal(18, 2)) COMMENT 'Estimated revenue a year in US dollars if it bought; null where it owns the product or nothing compares',
    drivers            Array(Tuple(name String, points Int64, signal_ids Array(UUID))) COMMENT 'What the intent score is made of, strongest first',
    fit_model          LowCardinality(String) COMMENT 'Model of the fit score',
    intent_model       LowCardinality(String) COMMENT 'Version of the intent weights'
)
ENGINE = ReplacingMergeTree
PARTITION BY month
ORDER BY (run_id, account_id, product)
TTL month + INTERVAL 37 MONTH
COMMENT 'Propensity of every run. Read through the view propensity.';

CREATE VIEW IF NOT EXISTS propensity AS
SELECT month, account_id, product, fit_score, fit_rating, intent_score, intent_rating, cell, cluster, segment, motion,
       whitespace_revenue, drivers, fit_model, intent_model, run_id
FROM propensity_rows FINAL
WHERE (month, run_id) IN (SELECT month, run_id FROM published_runs)
COMMENT 'What to do next, an account, product and month: the published run.';

CREATE TABLE IF NOT EXISTS models
(
    name       LowCardinality(String) COMMENT 'Model family: intent, fit or matrix',
    product    LowCardinality(String) COMMENT 'Product; empty for all',
    version    String COMMENT 'Version: a hash of the content',
    created_at DateTime64(3, 'UTC') COMMENT 'When it was registered',
    state      LowCardinality(String) COMMENT 'champion, challenger or retired',
    content    String COMMENT 'The model itself, as JSON',
    metrics    String COMMENT 'What was measured of it, as JSON'
)
ENGINE = ReplacingMergeTree(created_at)
ORDER BY (name, product, version)
COMMENT 'Every weight file a run used, so that a run can be replayed.';

CREATE VIEW IF NOT EXISTS technologies AS
SELECT
    domain, name AS technology, max(u.version) AS version,
    min(u.first_seen) AS first_seen, max(u.last_seen) AS last_seen,
    if(countIf(u.gone IS NULL) = 0, max(u.gone), NULL) AS removed_at,
    groupUniqArray(u.url) AS urls
FROM
(
    SELECT
        s.domain AS domain, s.name AS name, s.url AS url, max(s.version) AS version,
        min(s.first_seen) AS first_seen, max(s.last_seen) AS last_seen,
        -- Gone: after it was last seen, the address was read again with other content, and once more after that.
        if(countIf(r.at > s.last_seen AND r.changed) > 0
           AND countIf(r.at > s.last_seen) >= 2,
           minIf(r.at, r.at > s.last_seen AND r.changed), NULL) AS gone
    FROM
    (
        SELECT domain, name, min(url) AS url, max(version) AS version, min(observed_at) AS first_seen, max(last_seen) AS last_seen
        FROM signal_rows WHERE kind = 'technology'
        GROUP BY domain, name, signal_id
    ) AS s
    LEFT JOIN
    (
        SELECT domain, url, fetched_at AS at, NOT unchanged AS changed
        FROM pages FINAL WHERE error = '' AND (status = 304 OR status BETWEEN 200 AND 299 OR kind = 'probe')
    ) AS r ON r.domain = s.domain AND r.url = s.url
    GROUP BY s.domain, s.name, s.url
) AS u
GROUP BY domain, name
COMMENT 'Technologies of a domain: first seen, last seen, and removed once every address that showed it was read twice more without it; never by silence.';
