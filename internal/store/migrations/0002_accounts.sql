-- What the revenue team brings: accounts and what they own, buy and scored. Nothing of the past is
-- rewritten: a change is a new row with its known_from, and the views read the latest. The importer writes a row only
-- where it differs from the latest, so importing a file twice changes nothing.

CREATE TABLE IF NOT EXISTS account_rows
(
    account_id          String COMMENT 'The owner''s key of the account',
    known_from          DateTime64(3, 'UTC') COMMENT 'Since when we know this version',
    name                String COMMENT 'Company name',
    country             LowCardinality(String) COMMENT 'Country as given',
    region              LowCardinality(String) COMMENT 'Region as given',
    industry            LowCardinality(String) COMMENT 'Industry as given',
    vertical            LowCardinality(String) COMMENT 'Vertical as given',
    partner             LowCardinality(String) COMMENT 'Partner of record',
    employees           Nullable(UInt32) COMMENT 'Head count; null where unknown',
    azure_potential_usd Nullable(Float64) COMMENT 'Estimated yearly cloud spend in US dollars; null where unknown',
    attributes          Map(String, String) COMMENT 'Unknown columns of accounts.csv by header',
    deleted             Bool COMMENT 'The account was erased or removed'
)
ENGINE = ReplacingMergeTree
ORDER BY (account_id, known_from)
COMMENT 'Versions of accounts. Read through the view accounts.';

CREATE VIEW IF NOT EXISTS accounts AS
SELECT account_id, known_from, name, country, region, industry, vertical, partner, employees, azure_potential_usd, attributes
FROM
(
    SELECT account_id, known_from, name, country, region, industry, vertical, partner, employees, azure_potential_usd, attributes, deleted
    FROM account_rows
    ORDER BY account_id, known_from DESC
    LIMIT 1 BY account_id
)
WHERE NOT deleted
COMMENT 'One row an account that is not deleted: its latest version.';

CREATE TABLE IF NOT EXISTS account_domains
(
    account_id String COMMENT 'The account that owns the domain',
    domain     String COMMENT 'Registrable domain',
    valid_from DateTime64(3, 'UTC') COMMENT 'Since when the account owned it; the epoch where it always did as far as we know',
    valid_to   DateTime64(3, 'UTC') COMMENT 'Until when, exclusive; 2199-01-01 where it still does',
    known_from DateTime64(3, 'UTC') COMMENT 'Since when we know',
    position   UInt8 COMMENT '0 is the principal domain',
    INDEX by_account account_id TYPE bloom_filter GRANULARITY 4
)
ENGINE = ReplacingMergeTree
ORDER BY (domain, valid_from, known_from, account_id)
COMMENT 'From when to when an account owned a domain, and since when we know. For one domain and valid_from, the latest known_from counts.';

CREATE TABLE IF NOT EXISTS attributions
(
    url        String COMMENT 'Address of a page that belongs to no account''s domain',
    account_id String COMMENT 'The account it speaks of',
    confidence Float32 COMMENT '0–1',
    valid_from DateTime64(3, 'UTC') COMMENT 'Since when',
    valid_to   DateTime64(3, 'UTC') COMMENT 'Until when, exclusive; 2199-01-01 where still',
    known_from DateTime64(3, 'UTC') COMMENT 'Since when we know'
)
ENGINE = ReplacingMergeTree
ORDER BY (url, account_id, valid_from, known_from)
COMMENT 'Pages off an account''s own domains that speak of it.';

CREATE VIEW IF NOT EXISTS domain_owners AS
SELECT domain, account_id, valid_from, valid_to, known_from, position
FROM
(
    SELECT domain, account_id, valid_from, valid_to, known_from, position
    FROM account_domains
    ORDER BY domain, valid_from DESC, known_from DESC
    LIMIT 1 BY domain
)
WHERE valid_to > now64(3, 'UTC')
COMMENT 'The account that owns a domain now, as far as we know now.';

CREATE VIEW IF NOT EXISTS signals AS
SELECT
    s.signal_id AS signal_id,
    if(a.account_id != '', a.account_id, d.account_id) AS account_id,
    s.domain AS domain, s.kind AS kind, s.name AS name, s.product AS product, s.version AS version,
    s.strength AS strength, s.confidence AS confidence, s.sign AS sign,
    s.observed_at AS observed_at, s.dated AS dated, s.detected_at AS detected_at, s.last_seen AS last_seen,
    s.source AS source, s.url AS url, s.evidence AS evidence, s.evidence_offset AS evidence_offset,
    s.content_hash AS content_hash, s.extractor_version AS extractor_version
FROM
(
    SELECT
        domain, kind, name, product, signal_id,
        max(version) AS version, max(strength) AS strength, max(confidence) AS confidence, min(sign) AS sign,
        min(observed_at) AS observed_at, max(dated) AS dated, min(detected_at) AS detected_at, max(last_seen) AS last_seen,
        min(source) AS source, min(url) AS url, min(evidence) AS evidence, min(evidence_offset) AS evidence_offset,
        max(content_hash) AS content_hash, max(extractor_version) AS extractor_version
    FROM signal_rows
    GROUP BY domain, kind, name, product, signal_id
) AS s
LEFT JOIN (SELECT domain, account_id FROM domain_owners) AS d ON d.domain = s.domain
LEFT JOIN
(
    SELECT url, argMax(account_id, (confidence, known_from)) AS account_id
    FROM attributions WHERE valid_to > now64(3, 'UTC') GROUP BY url
) AS a ON a.url = s.url
COMMENT 'One row a signal, before and after merges, with the account it belongs to now.';

CREATE TABLE IF NOT EXISTS fit_score_rows
(
    account_id  String COMMENT 'Account',
    product     LowCardinality(String) COMMENT 'Cloud product',
    valid_from  Date COMMENT 'First day the score holds',
    known_from  DateTime64(3, 'UTC') COMMENT 'Since when we know it',
    model       LowCardinality(String) COMMENT 'Model that gave it; imported where it came from outside without a name',
    imported    Bool COMMENT 'It came from outside: an imported fit wins over a computed one',
    score       Float32 COMMENT '0–100',
    probability Nullable(Float64) COMMENT 'Calibrated probability; null for imported scores'
)
ENGINE = ReplacingMergeTree
ORDER BY (account_id, product, valid_from, known_from, model)
COMMENT 'Versions of fit scores. Read through the view fit_scores.';

CREATE VIEW IF NOT EXISTS fit_scores AS
SELECT
    account_id, product, valid_from, known_from, model, imported, score, probability,
    multiIf(score >= 75, 'High', score >= 55, 'Medium', score >= 30, 'Low', 'Very Low') AS band
FROM fit_score_rows
ORDER BY account_id, product, imported DESC, valid_from DESC, known_from DESC, model
LIMIT 1 BY account_id, product
COMMENT 'The fit score that holds now, an account and product: imported before computed, then the latest.';

CREATE TABLE IF NOT EXISTS subscription_rows
(
    account_id     String COMMENT 'Account',
    product        LowCardinality(String) COMMENT 'Cloud product',
    sku            LowCardinality(String) COMMENT 'Plan',
    start          Date COMMENT 'First day',
    agreement_id   String COMMENT 'Agreement',
    known_from     DateTime64(3, 'UTC') COMMENT 'Since when we know this version',
    end            Nullable(Date) COMMENT 'Last day; null where open',
    seats          Nullable(UInt32) COMMENT 'Seats',
    annual_revenue Nullable(Decimal(18, 2)) COMMENT 'Revenue a year in US dollars',
    program        LowCardinality(String) COMMENT 'Licence program'
)
ENGINE = ReplacingMergeTree
ORDER BY (account_id, product, sku, start, agreement_id, known_from)
COMMENT 'Versions of subscriptions. Read through the view subscriptions.';

CREATE VIEW IF NOT EXISTS subscriptions AS
SELECT account_id, product, sku, start, agreement_id, known_from, end, seats, annual_revenue, program
FROM subscription_rows
ORDER BY account_id, product, sku, start, agreement_id, known_from DESC
LIMIT 1 BY account_id, product, sku, start, agreement_id
COMMENT 'What accounts subscribe to.';

CREATE TABLE IF NOT EXISTS transaction_rows
(
    account_id String COMMENT 'Account',
    product    LowCardinality(String) COMMENT 'Cloud product',
    date       Date COMMENT 'Day of the transaction',
    amount     Decimal(18, 2) COMMENT 'Amount in US dollars',
    ordinal    UInt32 COMMENT 'Counts equal rows of one file from 0, so that two equal sales stay two',
    known_from SimpleAggregateFunction(min, DateTime64(3, 'UTC')) COMMENT 'Since when we know it'
)
ENGINE = AggregatingMergeTree
ORDER BY (account_id, product, date, amount, ordinal)
COMMENT 'Sales. Read through the view transactions.';

CREATE VIEW IF NOT EXISTS transactions AS
SELECT account_id, product, date, amount, ordinal, min(known_from) AS known_from
FROM transaction_rows
GROUP BY account_id, product, date, amount, ordinal
COMMENT 'What accounts bought, one row a sale.';

CREATE TABLE IF NOT EXISTS opportunity_rows
(
    account_id String COMMENT 'Account',
    product    LowCardinality(String) COMMENT 'Cloud product',
    created    Date COMMENT 'Day it was opened; the day it closed where not given',
    ordinal    UInt32 COMMENT 'Counts rows of one file with equal account, product and created day from 0',
    known_from DateTime64(3, 'UTC') COMMENT 'Since when we know this version',
    closed     Nullable(Date) COMMENT 'Day it closed; null while open',
    outcome    LowCardinality(String) COMMENT 'won, lost or open',
    amount     Nullable(Decimal(18, 2)) COMMENT 'Amount in US dollars',
    acted_on   Nullable(Bool) COMMENT 'Whether a seller acted on it'
)
ENGINE = ReplacingMergeTree
ORDER BY (account_id, product, created, ordinal, known_from)
COMMENT 'Versions of opportunities. Read through the view opportunities.';

CREATE VIEW IF NOT EXISTS opportunities AS
SELECT account_id, product, created, ordinal, known_from, closed, outcome, amount, acted_on
FROM opportunity_rows
ORDER BY account_id, product, created, ordinal, known_from DESC
LIMIT 1 BY account_id, product, created, ordinal
COMMENT 'Sales opportunities and how they ended.';

CREATE TABLE IF NOT EXISTS best_customers
(
    account_id String COMMENT 'Account',
    product    LowCardinality(String) COMMENT 'Cloud product it is a best customer of',
    known_from SimpleAggregateFunction(min, DateTime64(3, 'UTC')) COMMENT 'Since when we know'
)
ENGINE = AggregatingMergeTree
ORDER BY (product, account_id)
COMMENT 'Best existing customers, the positives of the look-alike.';

CREATE TABLE IF NOT EXISTS licences
(
    account_id String COMMENT 'Account',
    product    String COMMENT 'Product with its version',
    seen       Date COMMENT 'Day it was seen; the epoch where not given',
    quantity   UInt32 COMMENT 'Licences',
    known_from DateTime64(3, 'UTC') COMMENT 'Since when we know'
)
ENGINE = ReplacingMergeTree(known_from)
ORDER BY (account_id, product, seen)
COMMENT 'Licences of on-premises products, for end of support.';
