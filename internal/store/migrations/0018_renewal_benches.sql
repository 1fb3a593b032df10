-- What renewals and estimates need while a run is under way: beside what 0017 made anew.

ALTER TABLE run_accounts ADD COLUMN IF NOT EXISTS size LowCardinality(String) COMMENT 'Band of the head count as of the run; empty where unknown';

ALTER TABLE run_holdings
    ADD COLUMN IF NOT EXISTS expiration LowCardinality(String) COMMENT 'open, closed or empty: whether agreements that end in the fiscal year have been renewed',
    ADD COLUMN IF NOT EXISTS expiration_type LowCardinality(String) COMMENT 'Their programs',
    ADD COLUMN IF NOT EXISTS expires_on Nullable(Date) COMMENT 'Last day of the first open one, else of the last closed one',
    ADD COLUMN IF NOT EXISTS expiring_revenue Nullable(Decimal(18, 2)) COMMENT 'Their revenue a year in US dollars',
    ADD COLUMN IF NOT EXISTS open_expiring_revenue Nullable(Decimal(18, 2)) COMMENT 'That of those not renewed';

DROP TABLE IF EXISTS run_revenue SYNC;

CREATE TABLE IF NOT EXISTS run_revenue
(
    run_id   String COMMENT 'Run',
    product  LowCardinality(String) COMMENT 'Cloud product',
    segment  LowCardinality(String) COMMENT 'Segment',
    industry LowCardinality(String) COMMENT 'Industry',
    size     LowCardinality(String) COMMENT 'Band of the head count',
    estimate Float64 COMMENT 'Median revenue a year of owners like it, shrunk to their segment and to all owners',
    level    LowCardinality(String) COMMENT 'Closest owners there are: segment, industry and size; segment; or all',
    owners   UInt32 COMMENT 'Owners at that level',
    basis    LowCardinality(String) COMMENT 'The medians with their owners and weights'
)
ENGINE = MergeTree
PARTITION BY run_id
ORDER BY (product, segment, industry, size)
COMMENT 'Bench of a running score: what comparable owners pay.';
