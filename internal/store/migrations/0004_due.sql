-- The schedule, ordered by due time, and feeds on it.
--
-- A place on the schedule is a row (domain_rows, feed_rows) and an entry in due_rows that leads to it. The entry is written first
-- and the row's former entry is cancelled last, so a crash between the inserts leaves an entry too many, never one
-- too few. Entries are only advice: a poll reads the entries that are due, believes the rows they lead to, and cancels those
-- that no longer agree.

CREATE TABLE IF NOT EXISTS due_rows
(
    priority UInt8 COMMENT 'Priority of the domain: lower is visited first',
    next_due DateTime64(3, 'UTC') COMMENT 'When the row said it was due',
    domain   String COMMENT 'Registrable domain',
    url      String COMMENT 'Address of the feed; empty for the domain itself',
    version  UInt64 COMMENT 'Version of the row that the entry was written with',
    sign     Int8 COMMENT '+1 written, −1 cancelled: a pair merges away'
)
-- By version, so that each cancellation takes exactly the entry that was seen, in any order and however often it is repeated.
ENGINE = VersionedCollapsingMergeTree(sign, version)
-- As a poll asks: a range of due times within each priority. It reads in this order and ends at its limit, however many are due.
ORDER BY (priority, next_due, domain, url)
-- Small granules, since a poll reads the beginning of four ranges; merges by age, since the past must not fill with cancelled pairs.
SETTINGS index_granularity = 1024, min_age_to_force_merge_seconds = 300
COMMENT 'Index of the schedule by due time. Entries are advice; domain_rows and feed_rows say what holds.';

CREATE TABLE IF NOT EXISTS feed_rows
(
    domain       String COMMENT 'Registrable domain whose visits read it: the account''s own, or that of the address for a watch list''s',
    url          String COMMENT 'Canonical address',
    version      UInt64 COMMENT 'Grows with every change; the highest counts',
    watch        String COMMENT 'Name of the watch-list source; empty for an account''s own feed',
    source       LowCardinality(String) COMMENT 'What its items are: blog, press, forum or social; empty where nobody said',
    priority     UInt8 COMMENT 'That of its domain; 1 for a watch list''s',
    next_due     DateTime64(3, 'UTC') COMMENT 'When the next read is due',
    interval_s   UInt32 COMMENT 'Seconds that the adaptation works with; 0 before the first read',
    floor_s      UInt32 COMMENT 'Least seconds between two reads, as the watch list says; 0 where it does not',
    failures     UInt16 COMMENT 'Consecutive reads that gave no feed',
    last_read    Nullable(DateTime64(3, 'UTC')) COMMENT 'When it was last read',
    last_changed Nullable(DateTime64(3, 'UTC')) COMMENT 'When a read last showed a new item',
    last_error   LowCardinality(String) COMMENT 'Typed reason of the last read where it gave no feed',
    items        UInt32 COMMENT 'Items at the last read that gave any',
    state        LowCardinality(String) COMMENT 'active or removed'
)
ENGINE = ReplacingMergeTree(version)
-- A visit takes the feeds of its domain together.
ORDER BY (domain, url)
-- As domain_rows, below.
SETTINGS index_granularity = 256, min_bytes_for_wide_part = 1073741824
COMMENT 'The schedule of feeds. Read through the view feeds.';

CREATE VIEW IF NOT EXISTS feeds AS
SELECT domain, url, watch, source, priority, next_due, interval_s, floor_s, failures, last_read, last_changed, last_error, items, state
FROM feed_rows FINAL
COMMENT 'One row a feed: when it is next due and how its last read ended.';

-- domain_rows is laid out anew with small granules, as its granularity is fixed at creation. What others write while it is
-- copied is copied after the exchange.
ALTER TABLE domain_rows ADD COLUMN IF NOT EXISTS address String COMMENT 'Address that was asked at the last visit that asked one; it says whose neighbour the domain is' AFTER last_outcome;

CREATE TABLE IF NOT EXISTS domain_rows_relaid
(
    domain       String COMMENT 'Registrable domain',
    version      UInt64 COMMENT 'Grows with every change; the highest counts',
    priority     UInt8 COMMENT '0 Top Unmanaged, 1 Medium, 2 smaller, 3 unknown: lower is visited first',
    next_due     DateTime64(3, 'UTC') COMMENT 'When the next visit is due',
    interval_s   UInt32 COMMENT 'Seconds that the adaptation works with; 0 before the first visit',
    failures     UInt16 COMMENT 'Consecutive visits that reached nothing',
    last_visit   Nullable(DateTime64(3, 'UTC')) COMMENT 'End of the last visit',
    last_outcome LowCardinality(String) COMMENT 'Outcome of the last visit',
    address      String COMMENT 'Address that was asked at the last visit that asked one; it says whose neighbour the domain is',
    state        LowCardinality(String) COMMENT 'active or removed'
)
ENGINE = ReplacingMergeTree(version)
-- One key a domain: the schedule is updated by domain.
ORDER BY domain
-- A poll looks up some hundred domains that lie anywhere: it reads few rows for each, and, as all columns of a part lie in one
-- file, in one place (1,000 of 1 M domains: 60 ms instead of 119).
SETTINGS index_granularity = 256, min_bytes_for_wide_part = 1073741824
COMMENT 'The schedule of domains. Read through the view domains.';

INSERT INTO domain_rows_relaid (domain, version, priority, next_due, interval_s, failures, last_visit, last_outcome, address, state)
SELECT domain, version, priority, next_due, interval_s, failures, last_visit, last_outcome, address, state FROM domain_rows FINAL;

EXCHANGE TABLES domain_rows AND domain_rows_relaid;

INSERT INTO domain_rows (domain, version, priority, next_due, interval_s, failures, last_visit, last_outcome, address, state)
SELECT domain, version, priority, next_due, interval_s, failures, last_visit, last_outcome, address, state FROM domain_rows_relaid FINAL;

DROP TABLE IF EXISTS domain_rows_relaid SYNC;

CREATE OR REPLACE VIEW domains AS
SELECT domain, priority, next_due, interval_s, failures, last_visit, last_outcome, address, state
FROM domain_rows FINAL
COMMENT 'One row a domain: when it is next due and how its last visit ended.';

INSERT INTO due_rows (priority, next_due, domain, url, version, sign)
SELECT priority, next_due, domain, '', version, 1
FROM domain_rows FINAL
WHERE state = 'active' AND (domain, version) NOT IN (SELECT domain, version FROM due_rows WHERE url = '');
