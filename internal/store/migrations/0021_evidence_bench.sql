-- The largest bench of a run is written span by span, read span by span, and dropped: rows of one span need no order among them, parts no
-- merging, and names of drivers are few.

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
    drivers  Array(Tuple(name LowCardinality(String), points Int64, signal_ids Array(UUID))) COMMENT 'What the logit is made of, strongest first'
)
ENGINE = MergeTree
PARTITION BY run_id
ORDER BY span
-- A span is a part or two: ten million accounts are 640 spans.
SETTINGS max_bytes_to_merge_at_max_space_in_pool = 1, parts_to_delay_insert = 20000, parts_to_throw_insert = 20000
COMMENT 'Bench of a running score: accounts with evidence for a product.';
