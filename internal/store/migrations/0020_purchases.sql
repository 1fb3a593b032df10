-- A purchase of late is a driver of its own.

ALTER TABLE run_products
    ADD COLUMN IF NOT EXISTS bought Int64 COMMENT 'Points of a purchase today',
    ADD COLUMN IF NOT EXISTS bought_half_life Float64 COMMENT 'Days in which they halve; 0 means never';

CREATE TABLE IF NOT EXISTS run_purchases
(
    run_id  String COMMENT 'Run',
    account UInt32 COMMENT 'Number of the account',
    product UInt8 COMMENT 'Number of the product',
    age     UInt32 COMMENT 'Days since it was bought, and one'
)
ENGINE = MergeTree
PARTITION BY run_id
ORDER BY (account, product)
COMMENT 'Bench of a running score: who bought which product when.';
