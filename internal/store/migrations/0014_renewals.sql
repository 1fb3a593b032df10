-- What a renewal is made of, and what an estimate of revenue stands on. Rows of earlier runs say nothing about either.

ALTER TABLE propensity_rows
    ADD COLUMN IF NOT EXISTS expiration LowCardinality(String) COMMENT 'open: an agreement that ends in the fiscal year has not been renewed; closed: all that do have been; empty where none ends' AFTER motion,
    ADD COLUMN IF NOT EXISTS expiration_type LowCardinality(String) COMMENT 'Licence programs of the agreements that end in the fiscal year, in order of name; empty where none is known' AFTER expiration,
    ADD COLUMN IF NOT EXISTS expires_on Nullable(Date) COMMENT 'Last day of the first open one of them, else of the last closed one; null where none ends' AFTER expiration_type,
    ADD COLUMN IF NOT EXISTS expiring_revenue Nullable(Decimal(18, 2)) COMMENT 'Revenue a year in US dollars of the agreements that end in the fiscal year; null where none ends or none has a figure' AFTER expires_on,
    ADD COLUMN IF NOT EXISTS open_expiring_revenue Nullable(Decimal(18, 2)) COMMENT 'Revenue a year in US dollars of those that have not been renewed; 0 where all have been' AFTER expiring_revenue,
    ADD COLUMN IF NOT EXISTS whitespace_level LowCardinality(String) COMMENT 'Closest owners the estimate stands on: segment, industry and size; segment; or all' AFTER whitespace_revenue,
    ADD COLUMN IF NOT EXISTS whitespace_owners UInt32 COMMENT 'Owners with a known revenue at that level' AFTER whitespace_level,
    ADD COLUMN IF NOT EXISTS whitespace_basis LowCardinality(String) COMMENT 'The medians the estimate is made of, with their owners and weights' AFTER whitespace_owners;

CREATE OR REPLACE VIEW propensity AS
SELECT month, account_id, product, fit_score, fit_rating, intent_score, intent_rating, cell, cluster, segment, motion,
       expiration, expiration_type, expires_on, expiring_revenue, open_expiring_revenue,
       whitespace_revenue, whitespace_level, whitespace_owners, whitespace_basis, drivers, fit_model, intent_model, run_id
FROM propensity_rows FINAL
WHERE (month, run_id) IN (SELECT month, run_id FROM published_runs)
COMMENT 'What to do next, an account, product and month: the published run.';
