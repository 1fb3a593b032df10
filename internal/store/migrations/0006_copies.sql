-- Copies of one text, and what reading again with newer rules changes (docs/adr/0010). Nothing of the past is rewritten: rows say
-- since when something is known, and whoever asks says as of when.

CREATE TABLE IF NOT EXISTS text_rows
(
    domain     String COMMENT 'Registrable domain of the visit that read it',
    url        String COMMENT 'Address of the page or feed item',
    text_key   UInt64 COMMENT 'Hash of its words: texts of the same words have the same',
    simhash    SimpleAggregateFunction(max, UInt64) COMMENT '64-bit similarity hash of the text; 0 where only a text of the same words is its copy',
    words      SimpleAggregateFunction(max, UInt32) COMMENT 'Words of the text',
    stated_at  SimpleAggregateFunction(min, DateTime64(3, 'UTC')) COMMENT 'When it was published; the first fetch where it has no date',
    known_from SimpleAggregateFunction(min, DateTime64(3, 'UTC')) COMMENT 'Since when we know it: the first fetch, or the re-extraction that first read it so'
)
ENGINE = AggregatingMergeTree
-- A shard of the scorer reads the texts of its own domains, as it does of signal_rows; by order and not by partition, so that a batch of
-- texts is one block, whole or absent.
ORDER BY (sipHash64(domain) % 16, domain, url, text_key)
COMMENT 'One row for each text that topics or events were found in, and address of it. Read through the view texts.';

CREATE TABLE IF NOT EXISTS text_keys
(
    place       UInt32 COMMENT 'Of a text itself 262,144 and the lowest sixteen bits of its key; of the first text of a group also, for each band of its similarity hash, 65,536 times the band and the band''s sixteen bits',
    text_key    UInt64 COMMENT 'Hash of the text''s words',
    group_key   UInt64 COMMENT 'Hash of the words of the group''s first text; what the row of the text itself says counts',
    simhash     UInt64 COMMENT 'Similarity hash of the text',
    recorded_at DateTime64(6, 'UTC') DEFAULT now64(6, 'UTC') COMMENT 'When the row was written: the latest counts, and of two groups found to be one the earlier stays',
    -- The second look, at what others wrote meanwhile, passes over all that is older.
    INDEX recent recorded_at TYPE minmax GRANULARITY 64
)
ENGINE = ReplacingMergeTree(recorded_at)
-- As it is asked: a text asks for 68 places of bands, so that the key is short and granules are small.
ORDER BY (place, text_key)
SETTINGS index_granularity = 256
COMMENT 'Which text belongs to which group of copies, found by its words or by any of four bands of its similarity hash.';

CREATE OR REPLACE VIEW texts AS
SELECT t.domain AS domain, t.url AS url, t.text_key AS text_key, t.simhash AS simhash, t.words AS words, t.stated_at AS stated_at,
       t.known_from AS known_from, k.group_key AS group_key
FROM
(
    SELECT domain, url, text_key, max(simhash) AS simhash, max(words) AS words, min(stated_at) AS stated_at, min(known_from) AS known_from
    FROM text_rows
    GROUP BY domain, url, text_key
) AS t
LEFT JOIN
(
    SELECT text_key, argMax(group_key, recorded_at) AS group_key FROM text_keys WHERE place >= 262144 GROUP BY text_key
) AS k ON k.text_key = t.text_key
COMMENT 'One row for each text and address, with the group of copies it belongs to.';

CREATE OR REPLACE VIEW copies AS
SELECT c.domain AS domain, c.url AS url, c.first.1 AS stated_at, c.known_from AS known_from,
       o.original.2 AS original_url, o.original.3 AS original_domain, o.original.1 AS original_stated_at,
       c.first.4 = o.original.4 AS same_words, toUInt8(bitCount(bitXor(c.first.5, o.original.5))) AS distance, c.group_key AS group_key
FROM
(
    SELECT group_key, domain, url, min((stated_at, url, domain, text_key, simhash)) AS first, min(texts.known_from) AS known_from
    FROM texts GROUP BY group_key, domain, url
) AS c
INNER JOIN
(
    SELECT group_key, min((stated_at, url, domain, text_key, simhash)) AS original FROM texts GROUP BY group_key
) AS o ON o.group_key = c.group_key
WHERE (c.url, c.domain) != (o.original.2, o.original.3)
COMMENT 'One row for each address that repeats a text of another: the original is the one published first, or fetched first where it has no date.';

CREATE TABLE IF NOT EXISTS revision_rows
(
    domain            String COMMENT 'Registrable domain whose page showed the signal',
    signal_id         UUID COMMENT 'The signal',
    known_from        DateTime64(3, 'UTC') COMMENT 'Since when we know: the re-extraction, or the fetch that showed it again after one',
    recorded_at       DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC') COMMENT 'When the row was written: of two with one known_from the later counts',
    read_at           DateTime64(3, 'UTC') COMMENT 'The latest fetch that it rests on',
    retired           Bool COMMENT 'The newer rules do not find it in any fetch that showed it',
    version           String COMMENT 'Detected release of a technology',
    strength          Float32 COMMENT '0–1: how much it says',
    confidence        Float32 COMMENT '0–1: how sure the rule is',
    sign              Int8 COMMENT '+1 towards the product, −1 away from it',
    evidence          String COMMENT 'The quoted span, at most 300 characters, free of personal data',
    evidence_offset   UInt32 COMMENT 'Byte offset of the span in the decoded page',
    extractor_version String COMMENT 'Version of the rules that say so'
)
ENGINE = ReplacingMergeTree(recorded_at)
-- Joined to the signals of whole domains; the latest of a signal counts.
ORDER BY (domain, signal_id, known_from)
COMMENT 'What newer rules say of signals that were stored: retired, or with these values. signal_rows keeps what was said before.';

ALTER TABLE signal_rows ADD COLUMN IF NOT EXISTS known_from SimpleAggregateFunction(min, DateTime64(3, 'UTC')) DEFAULT detected_at
    COMMENT 'Since when we know: the first detection, or the re-extraction that found it later' AFTER detected_at;

CREATE OR REPLACE VIEW signal_states AS
SELECT
    s.domain AS domain, s.kind AS kind, s.name AS name, s.product AS product, s.signal_id AS signal_id,
    if(r.revised, r.v.2, s.version) AS version, if(r.revised, r.v.3, s.strength) AS strength, if(r.revised, r.v.4, s.confidence) AS confidence,
    if(r.revised, r.v.5, s.sign) AS sign, s.observed_at AS observed_at, s.dated AS dated, s.detected_at AS detected_at,
    s.known_from AS known_from, s.last_seen AS last_seen, s.source AS source, s.url AS url,
    if(r.revised, r.v.6, s.evidence) AS evidence, if(r.revised, r.v.7, s.evidence_offset) AS evidence_offset,
    s.content_hash AS content_hash, if(r.revised, r.v.8, s.extractor_version) AS extractor_version, r.v.1 AS retired
FROM
(
    SELECT
        domain, kind, name, product, signal_id,
        max(version) AS version, max(strength) AS strength, max(confidence) AS confidence, min(sign) AS sign,
        min(observed_at) AS observed_at, max(dated) AS dated, min(detected_at) AS detected_at, min(known_from) AS known_from, max(last_seen) AS last_seen,
        min(source) AS source, min(url) AS url, min(evidence) AS evidence, min(evidence_offset) AS evidence_offset,
        max(content_hash) AS content_hash, max(extractor_version) AS extractor_version
    FROM signal_rows
    GROUP BY domain, kind, name, product, signal_id
) AS s
LEFT JOIN
(
    SELECT domain, signal_id, true AS revised,
           argMax((retired, version, strength, confidence, sign, evidence, evidence_offset, extractor_version), (known_from, recorded_at)) AS v
    FROM revision_rows
    GROUP BY domain, signal_id
) AS r ON r.domain = s.domain AND r.signal_id = s.signal_id
COMMENT 'One row a signal, before and after merges, as newer rules left it; those they retired included.';

CREATE OR REPLACE VIEW signals AS
SELECT
    s.signal_id AS signal_id,
    -- A decision about the address wins over the owner of the domain: the matcher's on what the wire's visit read, a person's anywhere.
    if(a.url != '' AND (a.origin = 'correction' OR has(a.domains, s.domain)), a.account_id, d.account_id) AS account_id,
    s.domain AS domain, s.kind AS kind, s.name AS name, s.product AS product, s.version AS version,
    s.strength AS strength, s.confidence AS confidence, s.sign AS sign,
    s.observed_at AS observed_at, s.dated AS dated, s.detected_at AS detected_at, s.known_from AS known_from, s.last_seen AS last_seen,
    s.source AS source, s.url AS url, s.evidence AS evidence, s.evidence_offset AS evidence_offset,
    s.content_hash AS content_hash, s.extractor_version AS extractor_version
FROM (SELECT * FROM signal_states WHERE NOT retired) AS s
LEFT JOIN (SELECT domain, account_id FROM domain_owners) AS d ON d.domain = s.domain
LEFT JOIN (SELECT url, account_id, origin, domains FROM attributions) AS a ON a.url = s.url
COMMENT 'One row a signal, before and after merges, with the account it belongs to now.';

CREATE OR REPLACE VIEW technologies AS
SELECT
    domain, name AS technology, max(u.version) AS version,
    min(u.first_seen) AS first_seen, max(u.last_seen) AS last_seen,
    if(countIf(u.gone IS NULL) = 0, max(u.gone), NULL) AS removed_at,
    groupUniqArray(u.url) AS urls
FROM
(
    SELECT
        s.domain AS domain, s.name AS name, s.url AS url, s.version AS version, s.first_seen AS first_seen, s.last_seen AS last_seen,
        -- The first read after it was last seen whose content was another one: it lacked it.
        arrayMin(arrayMap(x -> x.1, arrayFilter(x -> x.1 > s.last_seen AND x.2, r.reads))) AS lacked,
        -- Gone: that read and one more since then lacked it. A read that was unchanged lacks it only if what it repeats did.
        if(arrayExists(x -> x.1 > s.last_seen AND x.2, r.reads) AND arrayCount(x -> x.1 >= lacked, r.reads) >= 2, lacked, NULL) AS gone
    FROM
    (
        SELECT domain, name, url, max(s.version) AS version, min(s.observed_at) AS first_seen, max(s.last_seen) AS last_seen
        FROM signal_states AS s WHERE kind = 'technology' AND NOT retired
        GROUP BY domain, name, url
    ) AS s
    LEFT JOIN
    (
        -- An error page that came with status 200 is no successful read.
        SELECT domain, url, groupUniqArray((fetched_at, NOT unchanged)) AS reads
        FROM pages FINAL WHERE error = '' AND (status = 304 OR status BETWEEN 200 AND 299 OR kind = 'probe') AND kind != 'error'
        GROUP BY domain, url
    ) AS r ON r.domain = s.domain AND r.url = s.url
) AS u
GROUP BY domain, name
COMMENT 'Technologies of a domain: first seen, last seen, and removed once every address that showed it was read twice more without it; never by silence.';

-- What follows is the bench of a running re-extraction: one partition a run, dropped when it ends.

CREATE TABLE IF NOT EXISTS reextract_reads
(
    run_id  String COMMENT 'Run',
    domain  String COMMENT 'Registrable domain',
    url     String COMMENT 'Address of a page, or of a feed''s item, that was read again',
    read_at DateTime64(3, 'UTC') COMMENT 'When it was fetched',
    page    Bool COMMENT 'A page of its own; false for an item of a feed',
    found   UInt32 COMMENT 'Signals found on the page',
    written DateTime DEFAULT now() COMMENT 'When the row was written'
)
ENGINE = MergeTree
PARTITION BY run_id
-- Joined by address to signals and to reads.
ORDER BY (domain, url, read_at)
TTL written + INTERVAL 2 DAY
COMMENT 'Bench of a running re-extraction: what was read again.';

CREATE TABLE IF NOT EXISTS reextract_signals
(
    run_id            String COMMENT 'Run',
    domain            String COMMENT 'Registrable domain whose page shows the signal',
    kind              LowCardinality(String) COMMENT 'technology, topic or event',
    name              String COMMENT 'Name of the technology, topic or event',
    product           LowCardinality(String) COMMENT 'Cloud product it speaks of; empty where it speaks of none',
    signal_id         UUID COMMENT 'Identity of the signal',
    version           String COMMENT 'Detected release of a technology',
    strength          Float32 COMMENT '0–1: how much it says',
    confidence        Float32 COMMENT '0–1: how sure the rule is',
    sign              Int8 COMMENT '+1 towards the product, −1 away from it',
    observed_at       DateTime64(3, 'UTC') COMMENT 'When it happened',
    dated             Bool COMMENT 'Whether the page carries a date of its own',
    detected_at       DateTime64(3, 'UTC') COMMENT 'The fetch that shows it',
    source            String COMMENT 'home, blog, press, feed, forum, social, careers, dns, tls or http',
    url               String COMMENT 'Address of the page that shows it',
    evidence          String COMMENT 'The quoted span',
    evidence_offset   UInt32 COMMENT 'Byte offset of the span in the decoded page',
    content_hash      String COMMENT 'Hash of the page body that shows it',
    extractor_version String COMMENT 'Version of the rules that found it',
    written           DateTime DEFAULT now() COMMENT 'When the row was written'
)
ENGINE = MergeTree
PARTITION BY run_id
ORDER BY (domain, signal_id)
TTL written + INTERVAL 2 DAY
COMMENT 'Bench of a running re-extraction: what the newer rules find.';

CREATE TABLE IF NOT EXISTS reextract_changes
(
    run_id             String COMMENT 'Run',
    change             LowCardinality(String) COMMENT 'added, removed, changed, same, or kept: not found again, but not every fetch that showed it was read again',
    domain             String COMMENT 'Registrable domain',
    kind               LowCardinality(String) COMMENT 'technology, topic or event',
    name               String COMMENT 'Name of the technology, topic or event',
    product            LowCardinality(String) COMMENT 'Cloud product it speaks of',
    url                String COMMENT 'Address of the page that shows it, or did',
    signal_id          UUID COMMENT 'Identity of the signal',
    was                Tuple(version String, strength Float32, confidence Float32, sign Int8, observed_at DateTime64(3, 'UTC'), evidence String) COMMENT 'What is stored',
    now                Tuple(version String, strength Float32, confidence Float32, sign Int8, observed_at DateTime64(3, 'UTC'), evidence String) COMMENT 'What the newer rules find',
    dated              Bool COMMENT 'Whether the page carries a date of its own',
    detected_at        DateTime64(3, 'UTC') COMMENT 'First fetch read again that shows it',
    last_seen          DateTime64(3, 'UTC') COMMENT 'Last fetch that shows it, or did',
    source             String COMMENT 'home, blog, press, feed, forum, social, careers, dns, tls or http',
    evidence_offset    UInt32 COMMENT 'Byte offset of the span in the decoded page',
    content_hash       String COMMENT 'Hash of the page body that shows it',
    extractor_version  String COMMENT 'Version of the rules that say so',
    written            DateTime DEFAULT now() COMMENT 'When the row was written'
)
ENGINE = MergeTree
PARTITION BY run_id
ORDER BY (domain, kind, name, product, url)
TTL written + INTERVAL 2 DAY
COMMENT 'Bench of a running re-extraction: what replacing would change.';
