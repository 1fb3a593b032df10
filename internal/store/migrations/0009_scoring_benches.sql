-- The benches of a running score join by number instead of by name: what is grouped and joined has a fixed width. They hold
-- nothing but runs under way, so they are made anew.

DROP TABLE IF EXISTS run_accounts SYNC;

CREATE TABLE IF NOT EXISTS run_accounts
(
    run_id     String COMMENT 'Run',
    shard      UInt8 COMMENT '0–15: the partition of signal_rows that holds every domain of the account; 16–19: accounts spread over several',
    number     UInt32 COMMENT 'Number of the account within the run, from 1',
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

DROP TABLE IF EXISTS run_domains SYNC;

CREATE TABLE IF NOT EXISTS run_domains
(
    run_id  String COMMENT 'Run',
    shard   UInt8 COMMENT 'Shard of the account',
    domain  String COMMENT 'Registrable domain',
    account UInt32 COMMENT 'Number of the account that owns it, as of the run'
)
ENGINE = MergeTree
PARTITION BY run_id
ORDER BY (shard, domain)
COMMENT 'Bench of a running score: who owns which domain as of the run.';

DROP TABLE IF EXISTS run_evidence SYNC;

CREATE TABLE IF NOT EXISTS run_evidence
(
    run_id   String COMMENT 'Run',
    shard    UInt8 COMMENT 'Shard of the account',
    account  UInt32 COMMENT 'Number of the account',
    product  LowCardinality(String) COMMENT 'Cloud product',
    logit    Int64 COMMENT 'Sum of the points, in thousandths of a logit',
    signals  UInt32 COMMENT 'Signals that count',
    used     UInt32 COMMENT 'Those of them that count for no product before this one in order',
    sources  UInt8 COMMENT 'Independent sources among them',
    freshest DateTime64(3, 'UTC') COMMENT 'Latest observation among them',
    drivers  Array(Tuple(name String, points Int64, signal_ids Array(UUID))) COMMENT 'What the logit is made of, strongest first'
)
ENGINE = MergeTree
PARTITION BY run_id
ORDER BY (shard, account, product)
COMMENT 'Bench of a running score: accounts with evidence for a product.';

CREATE TABLE IF NOT EXISTS run_fit
(
    run_id  String COMMENT 'Run',
    shard   UInt8 COMMENT 'Shard of the account',
    account UInt32 COMMENT 'Number of the account',
    product LowCardinality(String) COMMENT 'Cloud product',
    score   Float32 COMMENT '0–100: the fit score that holds as of the run',
    model   LowCardinality(String) COMMENT 'Model that gave it'
)
ENGINE = MergeTree
PARTITION BY run_id
ORDER BY (shard, account, product)
COMMENT 'Bench of a running score: the fit scores that hold, so that they are read once and not once a shard.';
