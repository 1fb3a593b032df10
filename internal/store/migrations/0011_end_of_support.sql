-- The end-of-support calendar beside the signals. The data file of the rules (internal/intent/support/calendar.yaml, or eos.yaml of
-- --taxonomy) is the only source: programs load it here, and nothing else writes it.

CREATE TABLE IF NOT EXISTS end_of_support_rows
(
    checksum       String COMMENT 'Hash of the whole calendar: its identity',
    release        String COMMENT 'Product with its version, as signals name it',
    calendar       String COMMENT 'Version that the calendar gives itself',
    product        String COMMENT 'Product without its version',
    version        String COMMENT 'Version; empty where the product has none',
    mainstream_end Nullable(Date32) COMMENT 'Last day of mainstream support; null where the maker tells no such day',
    extended_end   Date32 COMMENT 'Last day of support that every customer has, extended support included',
    paid_end       Nullable(Date32) COMMENT 'Last day of security updates for those who pay; null where there are none',
    replaced_by    Array(String) COMMENT 'Cloud products that such a system is replaced by',
    spellings      Array(String) COMMENT 'What it is called in prose, licence lists and detected technologies: lower case, without the maker''s name',
    source         String COMMENT 'Page of the maker that says so',
    loaded_at      DateTime64(6, 'UTC') COMMENT 'When it was loaded: the calendar loaded last is the present one'
)
ENGINE = ReplacingMergeTree(loaded_at)
-- One calendar is one block into one partition, whole or absent; the calendar loaded again replaces itself. Some hundreds of rows:
-- no partitions, and no TTL, as an earlier calendar explains an earlier score.
ORDER BY (checksum, release)
COMMENT 'Calendars of the end of support, as the rules use them. Read through the view end_of_support.';

CREATE VIEW IF NOT EXISTS end_of_support AS
SELECT release, product, version, mainstream_end, extended_end, paid_end, replaced_by, spellings, source, calendar
FROM end_of_support_rows FINAL
WHERE checksum = (SELECT argMax(checksum, loaded_at) FROM end_of_support_rows)
COMMENT 'One row a release: when its support ends, by the calendar that was loaded last.';

CREATE VIEW IF NOT EXISTS end_of_support_signals AS
SELECT s.account_id AS account_id, s.domain AS domain, s.signal_id AS signal_id, s.kind AS kind, s.name AS name, s.named AS named,
       e.release AS release, e.product AS product, e.version AS version, e.mainstream_end AS mainstream_end, e.extended_end AS extended_end,
       e.paid_end AS paid_end, e.replaced_by AS replaced_by, e.source AS source, s.observed_at AS observed_at, s.url AS url, s.evidence AS evidence
FROM
(
    SELECT account_id, domain, signal_id, kind, name, observed_at, url, evidence,
           arrayJoin(if(kind = 'topic', splitByString('; ', version), [concat(name, ' ', version)])) AS named
    FROM signals
    WHERE version != '' AND (kind = 'technology' OR kind = 'topic' AND name = 'end_of_support')
) AS s
INNER JOIN
(
    -- Few names, however many signals. Of "windows server 2012" and "windows server 2012 r2" the longer is meant; PHP 7.4.33 is a 7.4.
    SELECT n.named AS named, argMax(r.release, length(r.spelling)) AS release
    FROM
    (
        SELECT DISTINCT arrayJoin(if(kind = 'topic', splitByString('; ', version), [concat(name, ' ', version)])) AS named,
               replaceRegexpOne(lower(named), '^microsoft ', '') AS plain
        FROM signal_rows
        WHERE version != '' AND (kind = 'technology' OR kind = 'topic' AND name = 'end_of_support')
    ) AS n
    CROSS JOIN (SELECT release, arrayJoin(spellings) AS spelling FROM end_of_support) AS r
    WHERE n.plain = r.spelling OR startsWith(n.plain, concat(r.spelling, '.')) OR startsWith(n.plain, concat(r.spelling, ' '))
    GROUP BY n.named
) AS m ON m.named = s.named
INNER JOIN end_of_support AS e ON e.release = m.release
COMMENT 'One row a signal and release it names: topics of the end of support, and technologies detected with a version that the calendar knows.';
