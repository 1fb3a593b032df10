-- What domains state of the organisation behind them, in JSON-LD (schema.org Organization). Facts of companies, never of people.

CREATE TABLE IF NOT EXISTS organisation_rows
(
    domain            String COMMENT 'Registrable domain that states it',
    organisation_id   UUID COMMENT 'Derived from the domain and all that is stated; never from the page or the fetch',
    name              SimpleAggregateFunction(any, String) COMMENT 'What it calls itself',
    legal_name        SimpleAggregateFunction(any, String) COMMENT 'What it is registered as',
    founded           SimpleAggregateFunction(any, String) COMMENT 'Year, month or day of founding: YYYY, YYYY-MM or YYYY-MM-DD',
    employees_min     SimpleAggregateFunction(any, UInt32) COMMENT 'Fewest employees; 0 where none are stated',
    employees_max     SimpleAggregateFunction(any, UInt32) COMMENT 'Most employees; as employees_min where one number is stated',
    country           SimpleAggregateFunction(any, String) COMMENT 'Country of the address, as written there: a code or a name',
    region            SimpleAggregateFunction(any, String) COMMENT 'Region of the address',
    locality          SimpleAggregateFunction(any, String) COMMENT 'Town of the address',
    same_as           SimpleAggregateFunction(any, Array(String)) COMMENT 'Addresses of the same organisation elsewhere: registers, profiles of companies; at most 50',
    home              SimpleAggregateFunction(max, Bool) COMMENT 'Whether the domain''s home page states it',
    url               SimpleAggregateFunction(min, String) COMMENT 'A page that states it',
    content_hash      SimpleAggregateFunction(max, String) COMMENT 'Hash of the body of a page that states it',
    observed_at       SimpleAggregateFunction(min, DateTime64(3, 'UTC')) COMMENT 'When it was first stated: structured data carry no date, so the first fetch that showed it',
    detected_at       SimpleAggregateFunction(min, DateTime64(3, 'UTC')) COMMENT 'When a fetch first showed it',
    last_seen         SimpleAggregateFunction(max, DateTime64(3, 'UTC')) COMMENT 'When a fetch last showed it',
    extractor_version SimpleAggregateFunction(max, String) COMMENT 'Version of the rules that read it'
)
ENGINE = AggregatingMergeTree
-- Not parted: statements of one identity always meet and merge, and a batch of the worker is one block, whole or absent. The
-- table is small: a row a domain and version of its facts, some tens of millions at most.
-- By domain first: they are joined, read and erased by domain; organisation_id last makes the key the identity.
ORDER BY (domain, organisation_id)
-- No TTL: what was stated earlier is the history that a score as of the past asks for, and the foot of a page changes rarely.
COMMENT 'One row a domain and version of what it states of its organisation. Read through the view organisations.';

CREATE VIEW IF NOT EXISTS organisations AS
SELECT domain, name, legal_name, founded, staff.1 AS employees_min, staff.2 AS employees_max, place.1 AS country, place.2 AS region, place.3 AS locality,
       same_as, shown.1 AS url, shown.2 AS content_hash, shown.3 AS observed_at, shown.4 AS detected_at, last_seen
FROM
(
    -- Fact by fact, as one page states the address and another the profiles: what home pages state wins, then what was seen last.
    SELECT
        o.domain AS domain, argMaxIf(o.name, o.rank, o.name != '') AS name, argMaxIf(o.legal_name, o.rank, o.legal_name != '') AS legal_name,
        argMaxIf(o.founded, o.rank, o.founded != '') AS founded, argMaxIf((o.least, o.most), o.rank, o.most > 0) AS staff,
        argMaxIf((o.country, o.region, o.locality), o.rank, o.country != '' OR o.locality != '') AS place,
        argMaxIf(o.same_as, o.rank, notEmpty(o.same_as)) AS same_as,
        argMax((o.url, o.content_hash, o.observed_at, o.detected_at), o.rank) AS shown, max(o.seen) AS last_seen
    FROM
    (
        SELECT
            domain, organisation_id, any(name) AS name, any(legal_name) AS legal_name, any(founded) AS founded, any(employees_min) AS least,
            any(employees_max) AS most, any(country) AS country, any(region) AS region, any(locality) AS locality, any(same_as) AS same_as,
            min(url) AS url, max(content_hash) AS content_hash, min(observed_at) AS observed_at, min(detected_at) AS detected_at,
            max(last_seen) AS seen, (max(home), max(last_seen), organisation_id) AS rank
        FROM organisation_rows
        GROUP BY domain, organisation_id
    ) AS o
    GROUP BY o.domain
)
COMMENT 'One row a domain: what it states of its organisation now. Address, hash and times are those of the statement that ranks first.';
