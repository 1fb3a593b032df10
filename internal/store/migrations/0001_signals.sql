-- Signals, pages, visits and the schedule.
--
-- Conventions: times are DateTime64(3, 'UTC'). Every table that can receive a row twice merges it away
-- by its sorting key, and the view that carries the contract's name (DESIGN §4) reads right before and
-- after a merge. Column comments are the data dictionary (docs/data-dictionary.md is made from them).

CREATE TABLE IF NOT EXISTS signal_rows
(
    domain            String COMMENT 'Registrable domain whose page showed the signal',
    kind              LowCardinality(String) COMMENT 'technology, topic or event',
    name              LowCardinality(String) COMMENT 'Name of the technology, topic or event',
    product           LowCardinality(String) COMMENT 'Cloud product it speaks of; empty where it speaks of none',
    signal_id         UUID COMMENT 'Derived from domain, kind, name, product, URL and the day observed; never from how it was detected',
    version           SimpleAggregateFunction(max, String) COMMENT 'Detected release of a technology',
    strength          SimpleAggregateFunction(max, Float32) COMMENT '0–1: how much it says',
    confidence        SimpleAggregateFunction(max, Float32) COMMENT '0–1: how sure the rule is',
    sign              SimpleAggregateFunction(min, Int8) COMMENT '+1 towards the product, −1 away from it',
    observed_at       SimpleAggregateFunction(min, DateTime64(3, 'UTC')) COMMENT 'When it happened: the page''s date, or the first fetch that showed it',
    dated             SimpleAggregateFunction(max, Bool) COMMENT 'Whether the page carries a date of its own',
    detected_at       SimpleAggregateFunction(min, DateTime64(3, 'UTC')) COMMENT 'When a fetch first showed it',
    last_seen         SimpleAggregateFunction(max, DateTime64(3, 'UTC')) COMMENT 'When a fetch last showed it',
    source            SimpleAggregateFunction(min, String) COMMENT 'home, blog, press, feed, forum, social, careers, dns, tls or http',
    url               SimpleAggregateFunction(min, String) COMMENT 'Address of the page that shows it',
    evidence          SimpleAggregateFunction(min, String) COMMENT 'The quoted span, at most 300 characters, free of personal data',
    evidence_offset   SimpleAggregateFunction(min, UInt32) COMMENT 'Byte offset of the span in the decoded page',
    content_hash      SimpleAggregateFunction(max, String) COMMENT 'Hash of the page body that shows it',
    extractor_version SimpleAggregateFunction(max, String) COMMENT 'Version of the rules that found it'
)
ENGINE = AggregatingMergeTree
-- From the signal's id alone (domain is part of it), never from a time: two detections of one signal
-- must meet in one partition to merge. 16 keeps one page's signals in one block in one partition, and
-- lets the scorer read shards of domains without touching the others.
PARTITION BY sipHash64(domain) % 16
-- By domain first: scoring, explanation and erasure read whole domains; signal_id last makes the key the identity.
ORDER BY (domain, kind, name, product, signal_id)
COMMENT 'One row a signal after merging: first detection kept as a minimum, last seen as a maximum. Read through the view signals.';

CREATE TABLE IF NOT EXISTS pages
(
    domain            String COMMENT 'Registrable domain of the visit',
    url               String COMMENT 'Canonical address; dns: and tls: addresses stand for probes',
    fetched_at        DateTime64(3, 'UTC') COMMENT 'When it was read',
    kind              LowCardinality(String) COMMENT 'home, blog, press, feed, forum, social, careers, job, product, story, legal, parked, error, sitemap, probe, other',
    status            UInt16 COMMENT 'HTTP status; 0 where there was none',
    unchanged         Bool COMMENT 'The content was the known one (304 or the same hash); nothing was extracted',
    error             LowCardinality(String) COMMENT 'Typed reason where the fetch gave no page',
    content_hash      String COMMENT 'Hash of the decoded body; empty where unchanged or failed',
    simhash           UInt64 COMMENT '64-bit similarity hash of the text; 0 where unknown',
    etag              String COMMENT 'ETag validator as sent',
    last_modified     String COMMENT 'Last-Modified validator as sent',
    bytes             UInt32 COMMENT 'Decoded bytes',
    title             String COMMENT 'Page title',
    language          LowCardinality(String) COMMENT 'ISO 639-1 code; empty where unknown',
    published_at      Nullable(DateTime64(3, 'UTC')) COMMENT 'Publication date the page states',
    signals           UInt32 COMMENT 'Signals found on it',
    visit_id          String COMMENT 'The visit that read it',
    extractor_version LowCardinality(String) COMMENT 'Version of the rules that read it; empty where nothing was extracted'
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(fetched_at)
-- A domain's latest validators are read together when its visit is scheduled; a redelivered page replaces itself.
ORDER BY (domain, url, fetched_at)
TTL toDateTime(fetched_at) + INTERVAL 25 MONTH
COMMENT 'One row a read of an address; written only after the signals of that read are durable. Kept 25 months: two years of comparison and the running month.';

CREATE TABLE IF NOT EXISTS visits
(
    domain        String COMMENT 'Registrable domain visited',
    due_at        DateTime64(3, 'UTC') COMMENT 'When the visit was due',
    visit_id      String COMMENT 'Domain and due time',
    started_at    DateTime64(3, 'UTC') COMMENT 'When a crawler began',
    finished_at   DateTime64(3, 'UTC') COMMENT 'When it ended',
    crawler       LowCardinality(String) COMMENT 'Name of the crawler process',
    outcome       LowCardinality(String) COMMENT 'ok, robots_denied, dead, parked, unreachable, blocked or error',
    reason        String COMMENT 'Typed reason and detail of an outcome other than ok',
    published     UInt32 COMMENT 'Pages published to the extractor',
    unchanged     UInt32 COMMENT 'Pages whose content was the known one',
    denied        UInt32 COMMENT 'Addresses robots.txt kept the crawler from',
    failed        UInt32 COMMENT 'Addresses that gave no page',
    skipped       UInt32 COMMENT 'Addresses left out by budget or trap defence',
    bytes         UInt64 COMMENT 'Decoded bytes read',
    crawl_delay_s Float32 COMMENT 'Delay kept between requests, in seconds'
)
ENGINE = ReplacingMergeTree(finished_at)
PARTITION BY toYYYYMM(due_at)
-- A domain's history is read in order; a visit delivered twice has one row after merging (views use FINAL).
ORDER BY (domain, due_at, visit_id)
TTL toDateTime(due_at) + INTERVAL 25 MONTH
COMMENT 'One row a visit, with how it ended.';

CREATE TABLE IF NOT EXISTS domain_rows
(
    domain       String COMMENT 'Registrable domain',
    version      UInt64 COMMENT 'Grows with every change; the highest counts',
    priority     UInt8 COMMENT '0 Top Unmanaged, 1 Medium, 2 smaller, 3 unknown: lower is visited first',
    next_due     DateTime64(3, 'UTC') COMMENT 'When the next visit is due',
    interval_s   UInt32 COMMENT 'Seconds between the last two due times; 0 before the first visit',
    failures     UInt16 COMMENT 'Consecutive visits that reached nothing',
    last_visit   Nullable(DateTime64(3, 'UTC')) COMMENT 'End of the last visit',
    last_outcome LowCardinality(String) COMMENT 'Outcome of the last visit',
    state        LowCardinality(String) COMMENT 'active or removed'
)
ENGINE = ReplacingMergeTree(version)
-- One key a domain: the schedule is updated by domain; the due poll reads the small columns of the whole table.
ORDER BY domain
COMMENT 'The schedule. Read through the view domains.';

CREATE VIEW IF NOT EXISTS domains AS
SELECT domain, priority, next_due, interval_s, failures, last_visit, last_outcome, state
FROM domain_rows FINAL
COMMENT 'One row a domain: when it is next due and how its last visit ended.';
