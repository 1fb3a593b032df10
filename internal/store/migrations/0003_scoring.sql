-- What the monthly scorer writes. Rows are written under a run id and become visible at once,
-- when the run's state turns to published.

CREATE TABLE IF NOT EXISTS scoring_run_rows
(
    run_id       String COMMENT 'Run',
    version      UInt64 COMMENT 'Grows with every change; the highest counts',
    month        Date COMMENT 'First day of the month scored',
    state        LowCardinality(String) COMMENT 'waiting, running, published, superseded or failed',
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


-- What follows is a running score's bench: filled step by step, one partition a run, dropped when the run
-- ends. Nothing outside the scorer reads it.

CREATE TABLE IF NOT EXISTS run_attributions
(
    run_id     String COMMENT 'Run',
    domain     String COMMENT 'Registrable domain of the address',
    url        String COMMENT 'Address of a page that belongs to no account''s domain',
    account_id String COMMENT 'The account it speaks of, as of the run'
)
ENGINE = MergeTree
PARTITION BY run_id
ORDER BY (domain, url)
COMMENT 'Bench of a running score: pages off an account''s own domains that have signals.';

CREATE TABLE IF NOT EXISTS run_accounts
(
    run_id     String COMMENT 'Run',
    shard      UInt8 COMMENT '0–15: the partition of signal_rows that holds every domain of the account; 16–19: accounts spread over several',
    account_id String COMMENT 'Account',
    segment    LowCardinality(String) COMMENT 'Segment as of the run',
    industry   LowCardinality(String) COMMENT 'Industry as of the run',
    covered    Bool COMMENT 'A page of the account was read by the run''s known_by'
)
ENGINE = MergeTree
PARTITION BY run_id
-- Each step reads one shard, and joins it by account.
ORDER BY (shard, account_id)
COMMENT 'Bench of a running score: the accounts as of the run, by shard.';

CREATE TABLE IF NOT EXISTS run_domains
(
    run_id     String COMMENT 'Run',
    shard      UInt8 COMMENT 'Shard of the account',
    domain     String COMMENT 'Registrable domain',
    account_id String COMMENT 'The account that owns it, as of the run'
)
ENGINE = MergeTree
PARTITION BY run_id
ORDER BY (shard, domain)
COMMENT 'Bench of a running score: who owns which domain as of the run.';

CREATE TABLE IF NOT EXISTS run_end_of_support
(
    run_id  String COMMENT 'Run',
    licence String COMMENT 'Licensed product as given, with its version',
    product LowCardinality(String) COMMENT 'Cloud product that replaces it'
)
ENGINE = MergeTree
PARTITION BY run_id
ORDER BY licence
COMMENT 'Bench of a running score: licences whose support has ended or ends within a year.';

CREATE TABLE IF NOT EXISTS run_holdings
(
    run_id     String COMMENT 'Run',
    shard      UInt8 COMMENT 'Shard of the account',
    account_id String COMMENT 'Account',
    product    LowCardinality(String) COMMENT 'Cloud product',
    owned      Bool COMMENT 'A subscription runs, or a transaction is less than a year old',
    expires    Date COMMENT 'Last day of the last agreement that has begun; the epoch where there is none, 2149-06-06 where it is open',
    support    Bool COMMENT 'A licence is out of support or will be within a year',
    revenue    Nullable(Float64) COMMENT 'Revenue a year in US dollars of an owner'
)
ENGINE = MergeTree
PARTITION BY run_id
ORDER BY (shard, account_id, product)
COMMENT 'Bench of a running score: what accounts have of a product.';

CREATE TABLE IF NOT EXISTS run_revenue
(
    run_id   String COMMENT 'Run',
    product  LowCardinality(String) COMMENT 'Cloud product',
    segment  LowCardinality(String) COMMENT 'Segment',
    industry LowCardinality(String) COMMENT 'Industry',
    estimate Float64 COMMENT 'Median revenue a year of owners like it, shrunk to their segment and to all owners',
    owners   UInt64 COMMENT 'Owners of that segment and industry behind it'
)
ENGINE = MergeTree
PARTITION BY run_id
ORDER BY (product, segment, industry)
COMMENT 'Bench of a running score: what comparable owners pay.';

CREATE TABLE IF NOT EXISTS run_evidence
(
    run_id     String COMMENT 'Run',
    shard      UInt8 COMMENT 'Shard of the account',
    account_id String COMMENT 'Account',
    product    LowCardinality(String) COMMENT 'Cloud product',
    logit      Int64 COMMENT 'Sum of the points, in thousandths of a logit',
    signals    UInt32 COMMENT 'Signals that count',
    sources    UInt8 COMMENT 'Independent sources among them',
    freshest   DateTime64(3, 'UTC') COMMENT 'Latest observation among them',
    drivers    Array(Tuple(name String, points Int64, signal_ids Array(UUID))) COMMENT 'What the logit is made of, strongest first'
)
ENGINE = MergeTree
PARTITION BY run_id
ORDER BY (shard, account_id, product)
COMMENT 'Bench of a running score: accounts with evidence for a product.';

CREATE TABLE IF NOT EXISTS run_ranks
(
    run_id  String COMMENT 'Run',
    product LowCardinality(String) COMMENT 'Cloud product',
    logit   Int64 COMMENT 'Thousandths of a logit',
    score   Float32 COMMENT '0–100: mid-rank of the logit among accounts with evidence for the product'
)
ENGINE = MergeTree
PARTITION BY run_id
ORDER BY (product, logit)
COMMENT 'Bench of a running score: the percentile of each logit that occurs.';
