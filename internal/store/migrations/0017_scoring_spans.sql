-- A run is done in spans of accounts: ranges of domains within the partitions of signals, small enough that the memory of a span does not grow
-- with the store, several at a time. Subjects and products have numbers. The benches hold nothing but runs under way, so they are made anew.

DROP TABLE IF EXISTS run_accounts SYNC;

CREATE TABLE IF NOT EXISTS run_accounts
(
    run_id     String COMMENT 'Run',
    shard      UInt16 COMMENT 'Partition of signal_rows and range of domains within it that hold every domain of the account; from 60000 on: accounts spread over several, by a hash of the account',
    number     UInt32 COMMENT 'Number of the account within the run, from 1',
    account_id String COMMENT 'Account',
    segment    LowCardinality(String) COMMENT 'Segment as of the run',
    industry   LowCardinality(String) COMMENT 'Industry as of the run',
    covered    Bool COMMENT 'A page of the account was read by the run''s known_by',
    first_read DateTime64(3, 'UTC') COMMENT 'When a page of the account was first read; the epoch where none was'
)
ENGINE = MergeTree
PARTITION BY run_id
-- Each step reads a span of shards, and joins it by account.
ORDER BY (shard, account_id)
COMMENT 'Bench of a running score: the accounts as of the run, by shard.';

DROP TABLE IF EXISTS run_domains SYNC;

CREATE TABLE IF NOT EXISTS run_domains
(
    run_id  String COMMENT 'Run',
    shard   UInt16 COMMENT 'Shard of the account',
    domain  String COMMENT 'Registrable domain',
    account UInt32 COMMENT 'Number of the account that owns it, as of the run'
)
ENGINE = MergeTree
PARTITION BY run_id
ORDER BY (shard, domain)
COMMENT 'Bench of a running score: who owns which domain as of the run.';

DROP TABLE IF EXISTS run_holdings SYNC;

CREATE TABLE IF NOT EXISTS run_holdings
(
    run_id     String COMMENT 'Run',
    shard      UInt16 COMMENT 'Shard of the account',
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
    drivers  Array(Tuple(name String, points Int64, signal_ids Array(UUID))) COMMENT 'What the logit is made of, strongest first'
)
ENGINE = MergeTree
PARTITION BY run_id
ORDER BY (span, account, product)
COMMENT 'Bench of a running score: accounts with evidence for a product.';

DROP TABLE IF EXISTS run_fit SYNC;

CREATE TABLE IF NOT EXISTS run_fit
(
    run_id  String COMMENT 'Run',
    shard   UInt16 COMMENT 'Shard of the account',
    account UInt32 COMMENT 'Number of the account',
    product UInt8 COMMENT 'Number of the product',
    score   Float32 COMMENT '0–100: the fit score that holds as of the run',
    model   LowCardinality(String) COMMENT 'Model that gave it'
)
ENGINE = MergeTree
PARTITION BY run_id
ORDER BY (shard, account, product)
COMMENT 'Bench of a running score: the fit scores that hold, so that they are read once and not once a span.';

DROP TABLE IF EXISTS run_ranks SYNC;

CREATE TABLE IF NOT EXISTS run_ranks
(
    run_id  String COMMENT 'Run',
    product UInt8 COMMENT 'Number of the product',
    logit   Int64 COMMENT 'Thousandths of a logit',
    score   Float32 COMMENT '0–100: mid-rank of the logit among accounts with evidence for the product'
)
ENGINE = MergeTree
PARTITION BY run_id
ORDER BY (product, logit)
COMMENT 'Bench of a running score: the percentile of each logit that occurs.';

CREATE TABLE IF NOT EXISTS run_subjects
(
    run_id  String COMMENT 'Run',
    subject UInt16 COMMENT 'Number of the subject, from 1 without holes: by kind, name and product spoken of',
    key     UInt64 COMMENT 'cityHash64 of kind, name and, of topics, the product spoken of: what signals are joined by',
    driver  String COMMENT 'Name of the driver: kind:name',
    worth   Array(Tuple(product UInt8, points Float64, half_life Float64, cap Int64)) COMMENT 'What it is worth for each product, by the product''s number'
)
ENGINE = MergeTree
PARTITION BY run_id
ORDER BY subject
COMMENT 'Bench of a running score: what the weights speak of.';

CREATE TABLE IF NOT EXISTS run_products
(
    run_id  String COMMENT 'Run',
    number  UInt8 COMMENT 'Number of the product, from 1 without holes, in order of names',
    product String COMMENT 'Cloud product',
    base    Int64 COMMENT 'Points of the base rate',
    each    Int64 COMMENT 'Points for each independent source beyond the first',
    most    Int64 COMMENT 'Limit of these; 0 means none',
    surge   Int64 COMMENT 'Points of a surge in full'
)
ENGINE = MergeTree
PARTITION BY run_id
ORDER BY number
COMMENT 'Bench of a running score: the products of the weights.';

CREATE TABLE IF NOT EXISTS run_regrouped
(
    run_id    String COMMENT 'Run',
    text_key  UInt64 COMMENT 'Hash of a text''s words',
    group_key UInt64 COMMENT 'The group of copies that it was found to belong to, another than its own'
)
ENGINE = MergeTree
PARTITION BY run_id
ORDER BY text_key
COMMENT 'Bench of a running score: texts that are copies of others.';

CREATE TABLE IF NOT EXISTS run_priors
(
    run_id String COMMENT 'Run',
    number UInt8 COMMENT 'Number of the product',
    shape  Float64 COMMENT 'Shape of the gamma distribution of favourable signals a week over all accounts',
    rate   Float64 COMMENT 'Its rate, in weeks'
)
ENGINE = MergeTree
PARTITION BY run_id
ORDER BY number
COMMENT 'Bench of a running score: how much is said of a product, so that a surge is told from chatter.';
