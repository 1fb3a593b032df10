-- What a run needs to know of its accounts is gathered in slices of them, by ranges of account ids, several at a time: what a statement holds does not grow
-- with their number, and no core waits. Slices leave parts in order, so merging them while the run goes on would be for nothing; and a span reads a little of
-- every part, so marks are close. The benches hold nothing but runs under way, so they are made anew.

DROP TABLE IF EXISTS run_owners SYNC;

CREATE TABLE IF NOT EXISTS run_owners
(
    run_id     String COMMENT 'Run',
    slice      UInt16 COMMENT 'Slice of domains, from 0',
    account_id String COMMENT 'Account that owns the domain as of the run',
    domain     String COMMENT 'Registrable domain',
    shard      UInt16 COMMENT 'Partition of signal_rows and range of domains within it that hold the domain',
    first_read DateTime64(3, 'UTC') COMMENT 'When a page of it was first read by the run''s known_by; the epoch where none was'
)
ENGINE = MergeTree
PARTITION BY run_id
ORDER BY account_id
SETTINGS index_granularity = 1024, max_bytes_to_merge_at_max_space_in_pool = 1, parts_to_delay_insert = 20000, parts_to_throw_insert = 20000
COMMENT 'Bench of a running score: who owns which domain as of the run, by account.';

DROP TABLE IF EXISTS run_accounts SYNC;

CREATE TABLE IF NOT EXISTS run_accounts
(
    run_id     String COMMENT 'Run',
    slice      UInt16 COMMENT 'Slice of accounts, from 0',
    shard      UInt16 COMMENT 'Partition of signal_rows and range of domains within it that hold every domain of the account; from 60000 on: accounts spread over several, by the range of their first domain and a hash of the account',
    number     UInt32 COMMENT 'Number of the account within the run, from 1, with holes between slices',
    account_id String COMMENT 'Account',
    segment    LowCardinality(String) COMMENT 'Segment as of the run',
    industry   LowCardinality(String) COMMENT 'Industry as of the run',
    size       LowCardinality(String) COMMENT 'Band of the head count as of the run; empty where unknown',
    covered    Bool COMMENT 'A page of the account was read by the run''s known_by',
    first_read DateTime64(3, 'UTC') COMMENT 'When a page of the account was first read; the epoch where none was'
)
ENGINE = MergeTree
PARTITION BY run_id
-- Each step reads a span of shards, and joins it by account.
ORDER BY (shard, account_id)
SETTINGS index_granularity = 1024, max_bytes_to_merge_at_max_space_in_pool = 1, parts_to_delay_insert = 20000, parts_to_throw_insert = 20000
COMMENT 'Bench of a running score: the accounts as of the run, by shard.';

DROP TABLE IF EXISTS run_domains SYNC;

CREATE TABLE IF NOT EXISTS run_domains
(
    run_id  String COMMENT 'Run',
    slice   UInt16 COMMENT 'Slice of accounts, from 0',
    shard   UInt16 COMMENT 'Shard of the account',
    domain  String COMMENT 'Registrable domain',
    account UInt32 COMMENT 'Number of the account that owns it, as of the run'
)
ENGINE = MergeTree
PARTITION BY run_id
ORDER BY (shard, domain)
SETTINGS index_granularity = 1024, max_bytes_to_merge_at_max_space_in_pool = 1, parts_to_delay_insert = 20000, parts_to_throw_insert = 20000
COMMENT 'Bench of a running score: who owns which domain as of the run.';

DROP TABLE IF EXISTS run_fit SYNC;

CREATE TABLE IF NOT EXISTS run_fit
(
    run_id  String COMMENT 'Run',
    slice   UInt16 COMMENT 'Slice of accounts, from 0',
    shard   UInt16 COMMENT 'Shard of the account',
    account UInt32 COMMENT 'Number of the account',
    product UInt8 COMMENT 'Number of the product',
    score   Float32 COMMENT '0–100: the fit score that holds as of the run',
    model   LowCardinality(String) COMMENT 'Model that gave it'
)
ENGINE = MergeTree
PARTITION BY run_id
ORDER BY (shard, account, product)
SETTINGS index_granularity = 1024, max_bytes_to_merge_at_max_space_in_pool = 1, parts_to_delay_insert = 20000, parts_to_throw_insert = 20000
COMMENT 'Bench of a running score: the fit scores that hold, so that they are read once and not once a span.';

DROP TABLE IF EXISTS run_holdings SYNC;

CREATE TABLE IF NOT EXISTS run_holdings
(
    run_id                String COMMENT 'Run',
    slice                 UInt16 COMMENT 'Slice of accounts, from 0',
    shard                 UInt16 COMMENT 'Shard of the account',
    account               UInt32 COMMENT 'Number of the account',
    product               UInt8 COMMENT 'Number of the product',
    segment               LowCardinality(String) COMMENT 'Segment of the account',
    industry              LowCardinality(String) COMMENT 'Industry of the account',
    size                  LowCardinality(String) COMMENT 'Size of the account',
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
SETTINGS index_granularity = 1024, max_bytes_to_merge_at_max_space_in_pool = 1, parts_to_delay_insert = 20000, parts_to_throw_insert = 20000
COMMENT 'Bench of a running score: what accounts have of a product.';

DROP TABLE IF EXISTS run_purchases SYNC;

CREATE TABLE IF NOT EXISTS run_purchases
(
    run_id  String COMMENT 'Run',
    slice   UInt16 COMMENT 'Slice of accounts, from 0',
    shard   UInt16 COMMENT 'Shard of the account',
    account UInt32 COMMENT 'Number of the account',
    product UInt8 COMMENT 'Number of the product',
    age     UInt32 COMMENT 'Days since it was bought, and one'
)
ENGINE = MergeTree
PARTITION BY run_id
ORDER BY (shard, account, product)
SETTINGS index_granularity = 1024, max_bytes_to_merge_at_max_space_in_pool = 1, parts_to_delay_insert = 20000, parts_to_throw_insert = 20000
COMMENT 'Bench of a running score: who bought which product when.';

CREATE TABLE IF NOT EXISTS run_elsewhere
(
    run_id  String COMMENT 'Run',
    domain  String COMMENT 'Domain of the page',
    url     String COMMENT 'Address of the page',
    account UInt32 COMMENT 'Number of the account that the page was decided to speak of; 0 is nobody'
)
ENGINE = MergeTree
PARTITION BY run_id
ORDER BY (domain, url)
COMMENT 'Bench of a running score: pages that were decided on by address.';

CREATE TABLE IF NOT EXISTS run_gone
(
    run_id    String COMMENT 'Run',
    slice     UInt16 COMMENT 'Slice of domains, from 0',
    domain    String COMMENT 'Domain of the signal',
    signal_id UUID COMMENT 'Signal of a technology that was seen no more, twice'
)
ENGINE = MergeTree
PARTITION BY run_id
ORDER BY domain
SETTINGS max_bytes_to_merge_at_max_space_in_pool = 1, parts_to_delay_insert = 20000, parts_to_throw_insert = 20000
COMMENT 'Bench of a running score: technologies that went.';

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
    ending   Bool COMMENT 'A topic of end of support speaks for it',
    drivers  String COMMENT 'What the logit is made of, strongest first: 1 the base rate, 2 breadth, 3 a surge, 4 a purchase, then subjects, as Array(UInt16) packed',
    points   String COMMENT 'Points of each, as Array(Int64) packed',
    counts   String COMMENT 'How many signals of each are named, as Array(UInt16) packed',
    ids      String COMMENT 'Those signals, the first driver''s first, as Array(UUID) packed'
)
ENGINE = MergeTree
PARTITION BY run_id
-- Rows of one span need no order among them, and parts no merging: a span is a part or two, and ten million accounts are hundreds of spans.
ORDER BY span
SETTINGS max_bytes_to_merge_at_max_space_in_pool = 1, parts_to_delay_insert = 20000, parts_to_throw_insert = 20000, min_bytes_for_wide_part = 1099511627776
COMMENT 'Bench of a running score: accounts with evidence for a product.';

CREATE TABLE IF NOT EXISTS run_bands
(
    run_id  String COMMENT 'Run',
    number  UInt8 COMMENT 'Number of the product, as in run_products',
    product LowCardinality(String) COMMENT 'Cloud product',
    high    Float64 COMMENT 'Lower bound of the rating High, 0–100',
    medium  Float64 COMMENT 'That of Medium',
    low     Float64 COMMENT 'That of Low',
    slope   Float64 COMMENT 'Of the calibration, a logit of the probability for a logit of the score; 0 where there is none',
    offset  Float64 COMMENT 'Of the calibration: the logit of the probability where that of the score is 0'
)
ENGINE = MergeTree
PARTITION BY run_id
ORDER BY number
COMMENT 'Bench of a running score: what turns scores of a product into ratings, and its logits into probabilities.';

CREATE TABLE IF NOT EXISTS run_cells
(
    run_id        String COMMENT 'Run',
    place         UInt16 COMMENT 'Number of the product · 25 + fit rating · 5 + intent rating; ratings count from 0, High, to 3, Very Low, and 4, Unknown',
    fit_rating    LowCardinality(String) COMMENT 'Fit rating',
    intent_rating LowCardinality(String) COMMENT 'Intent rating',
    cell          LowCardinality(String) COMMENT 'Cell of the matrix; empty where either rating is Unknown',
    cluster       LowCardinality(String) COMMENT 'Cluster of the cell; Unknown where there is none'
)
ENGINE = MergeTree
PARTITION BY run_id
ORDER BY place
COMMENT 'Bench of a running score: the matrix of each product.';

-- Parts that are read once, or linked into the tables of scores and merged there, need no file for each column.
ALTER TABLE run_intent MODIFY SETTING min_bytes_for_wide_part = 1099511627776;

ALTER TABLE run_propensity MODIFY SETTING min_bytes_for_wide_part = 1099511627776;
