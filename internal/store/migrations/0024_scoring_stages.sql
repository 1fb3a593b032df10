-- Evidence is added up outside the store and comes in flat lists; what is known of all accounts' rates stays where it is used. Scores of both
-- tables are worked out once, and parted as they are written.

DROP TABLE IF EXISTS run_priors SYNC;

DROP TABLE IF EXISTS run_evidence SYNC;

CREATE TABLE IF NOT EXISTS run_evidence
(
    run_id   String COMMENT 'Run',
    span     UInt16 COMMENT 'Span of shards, from 0',
    account  UInt32 COMMENT 'Number of the account',
    product  UInt8 COMMENT 'Number of the product',
    logit    Int64 COMMENT 'Sum of the points, in thousandths of a logit',
    signals  UInt32 COMMENT 'Signals that count',
    used     UInt32 COMMENT 'Those of them that stand for themselves in the run''s count of signals: each signal once, whatever the number of products it counts for',
    sources  UInt8 COMMENT 'Independent sources among them',
    freshest DateTime64(3, 'UTC') COMMENT 'Latest observation among them',
    names    Array(LowCardinality(String)) COMMENT 'What the logit is made of, strongest first',
    points   Array(Int64) COMMENT 'Points of each',
    counts   Array(UInt32) COMMENT 'How many signals of each are named',
    ids      Array(UUID) COMMENT 'Those signals, the first driver''s first'
)
ENGINE = MergeTree
PARTITION BY run_id
-- Rows of one span need no order among them, and parts no merging: a span is a part or two, and ten million accounts are 640 spans.
ORDER BY span
SETTINGS max_bytes_to_merge_at_max_space_in_pool = 1, parts_to_delay_insert = 20000, parts_to_throw_insert = 20000
COMMENT 'Bench of a running score: accounts with evidence for a product.';

DROP TABLE IF EXISTS run_holdings SYNC;

CREATE TABLE IF NOT EXISTS run_holdings
(
    run_id                String COMMENT 'Run',
    shard                 UInt16 COMMENT 'Shard of the account',
    account               UInt32 COMMENT 'Number of the account',
    product               UInt8 COMMENT 'Number of the product',
    owned                 Bool COMMENT 'A subscription runs, or a transaction is less than a year old',
    expires               Date COMMENT 'Last day of the last agreement that has begun; the epoch where there is none, 2149-06-06 where it is open',
    support               Bool COMMENT 'A licence is out of support or will be within a year',
    revenue               Nullable(Float64) COMMENT 'Revenue a year in US dollars of an owner',
    expiration            LowCardinality(String) COMMENT 'open, closed or empty: whether agreements that end in the fiscal year have been renewed',
    expiration_type       LowCardinality(String) COMMENT 'Their programs',
    expires_on            Nullable(Date) COMMENT 'Last day of the first open one, else of the last closed one',
    expiring_revenue      Nullable(Decimal(18, 2)) COMMENT 'Their revenue a year in US dollars',
    open_expiring_revenue Nullable(Decimal(18, 2)) COMMENT 'That of those not renewed'
)
ENGINE = MergeTree
PARTITION BY run_id
ORDER BY (shard, account, product)
COMMENT 'Bench of a running score: what accounts have of a product.';

CREATE TABLE IF NOT EXISTS run_scores
(
    month                 Date COMMENT 'First day of the month scored',
    run_id                String COMMENT 'Run',
    account_id            String COMMENT 'Account',
    product               LowCardinality(String) COMMENT 'Cloud product',
    logit                 Int64 COMMENT 'Sum of the points, in thousandths of a logit',
    signals               UInt32 COMMENT 'Signals that count',
    sources               UInt8 COMMENT 'Independent sources among them',
    freshest              Nullable(DateTime64(3, 'UTC')) COMMENT 'Latest observation among them',
    covered               Bool COMMENT 'A page of the account was read by the run''s known_by',
    fit_score             Nullable(Float32) COMMENT '0–100; null where there is none',
    fit_rating            LowCardinality(String) COMMENT 'High, Medium, Low, Very Low or Unknown',
    intent_score          Nullable(Float32) COMMENT '0–100; null where there is none',
    intent_probability    Nullable(Float64) COMMENT 'Calibrated probability; null while the weights are not trained, and without evidence',
    intent_rating         LowCardinality(String) COMMENT 'High, Medium, Low, Very Low or Unknown',
    cell                  LowCardinality(String) COMMENT 'A1–D4; empty where either rating is Unknown',
    cluster               LowCardinality(String) COMMENT 'Act Now, Evaluate, Nurture or Educate; Unknown without a cell',
    segment               LowCardinality(String) COMMENT 'Segment as of the run',
    motion                LowCardinality(String) COMMENT 'whitespace, upsell, renewal or end_of_support',
    expiration            LowCardinality(String) COMMENT 'open, closed or empty: whether agreements that end in the fiscal year have been renewed',
    expiration_type       LowCardinality(String) COMMENT 'Their programs',
    expires_on            Nullable(Date) COMMENT 'Last day of the first open one, else of the last closed one',
    expiring_revenue      Nullable(Decimal(18, 2)) COMMENT 'Their revenue a year in US dollars',
    open_expiring_revenue Nullable(Decimal(18, 2)) COMMENT 'That of those not renewed',
    whitespace_revenue    Nullable(Decimal(18, 2)) COMMENT 'Estimated revenue a year in US dollars if it bought',
    whitespace_level      LowCardinality(String) COMMENT 'Closest owners the estimate stands on',
    whitespace_owners     UInt32 COMMENT 'Owners with a known revenue at that level',
    whitespace_basis      LowCardinality(String) COMMENT 'The medians the estimate is made of',
    drivers               Array(Tuple(name LowCardinality(String), points Int64, signal_ids Array(UUID))) COMMENT 'What the score is made of, strongest first',
    fit_model             LowCardinality(String) COMMENT 'Model of the fit score',
    intent_model          LowCardinality(String) COMMENT 'Version of the intent weights'
)
ENGINE = Null
COMMENT 'Where a running score hands over its rows: it keeps none, they go on into run_intent and run_propensity.';

-- Rows wait here until a run is whole, unmerged: parts that come into the tables one by one are merged over and over while the run goes on. Then their
-- partition is attached to the tables of scores, which costs as much as linking files. A column of one is a column of the other.
CREATE TABLE IF NOT EXISTS run_intent AS intent_score_rows
ENGINE = ReplacingMergeTree
PARTITION BY month
ORDER BY (run_id, account_id, product)
TTL month + INTERVAL 37 MONTH
SETTINGS max_bytes_to_merge_at_max_space_in_pool = 1, parts_to_delay_insert = 20000, parts_to_throw_insert = 20000
COMMENT 'Bench of a running score: rows of intent_score_rows that are not published yet.';

CREATE TABLE IF NOT EXISTS run_propensity AS propensity_rows
ENGINE = ReplacingMergeTree
PARTITION BY month
ORDER BY (run_id, account_id, product)
TTL month + INTERVAL 37 MONTH
SETTINGS max_bytes_to_merge_at_max_space_in_pool = 1, parts_to_delay_insert = 20000, parts_to_throw_insert = 20000
COMMENT 'Bench of a running score: rows of propensity_rows that are not published yet.';

CREATE MATERIALIZED VIEW IF NOT EXISTS run_scores_intent TO run_intent AS
SELECT month, run_id, account_id, product, logit, intent_probability AS probability, intent_score AS score, intent_rating AS rating, signals, sources, freshest, covered, drivers
FROM run_scores
COMMENT 'Parts intent off the rows of a running score.';

CREATE MATERIALIZED VIEW IF NOT EXISTS run_scores_propensity TO run_propensity AS
SELECT month, run_id, account_id, product, fit_score, fit_rating, intent_score, intent_probability, intent_rating, cell, cluster, segment, motion,
       expiration, expiration_type, expires_on, expiring_revenue, open_expiring_revenue,
       whitespace_revenue, whitespace_level, whitespace_owners, whitespace_basis, drivers, fit_model, intent_model
FROM run_scores
COMMENT 'Parts propensity off the rows of a running score.';
