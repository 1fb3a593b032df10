-- What backtests found. A row is never changed: judging again what has not changed gives the same version, which is kept once.

CREATE TABLE IF NOT EXISTS backtests
(
    version      String COMMENT 'Version: the last month judged and a hash of the content',
    product      LowCardinality(String) COMMENT 'Cloud product; empty for all',
    created_at   DateTime64(3, 'UTC') COMMENT 'When it was made',
    from_month   Date COMMENT 'First day of the first month judged as of its end',
    to_month     Date COMMENT 'First day of the last',
    horizon_days UInt16 COMMENT 'Days after each month''s end within which opportunities that closed count',
    hindsight    Bool COMMENT 'What is known today counted, not only what was known at each month''s end',
    content      String COMMENT 'Months, rates by cluster and cell, rankings, calibration and drift, as JSON'
)
ENGINE = ReplacingMergeTree(created_at)
ORDER BY version
COMMENT 'Backtests: past months as they would have been recommended, against what closed after.';
