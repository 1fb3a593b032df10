-- Whom pages speak of that stand on nobody's domain. A decision is one row: the matcher's, known since the fetch, or a person's,
-- known since its import. Nothing of the past is rewritten: a decision that differs from the one before is a new row, and
-- whoever asks says as of when. A person's decision wins over the matcher's, whenever either came.

CREATE TABLE IF NOT EXISTS attribution_rows
(
    url                   String COMMENT 'Address of the page or feed item; empty in a correction by content hash',
    content_hash          String COMMENT 'Hash of the text that was read; of a correction by address empty',
    origin                LowCardinality(String) COMMENT 'matcher or correction',
    known_from            DateTime64(3, 'UTC') COMMENT 'Since when we know: the fetch, or the import of a correction',
    recorded_at           DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC') COMMENT 'When the row was written: of two with one known_from the later counts',
    domain                String COMMENT 'Registrable domain whose visit read it: the wire''s or forum''s; empty in a correction',
    watch                 LowCardinality(String) COMMENT 'Name of the watch-list source; empty in a correction',
    verdict               LowCardinality(String) COMMENT 'attributed, quarantined or nobody',
    account_id            String COMMENT 'The account it speaks of; empty unless attributed',
    confidence            Float32 COMMENT '0–1',
    evidence              String COMMENT 'The quoted span, at most 300 characters, free of personal data',
    why                   String COMMENT 'What speaks for it and against it',
    candidate_ids         Array(String) COMMENT 'Accounts in question, the best first; of an attributed page others that it mentions',
    candidate_confidences Array(Float32) COMMENT 'Confidence of each of candidate_ids, 0–1',
    candidate_evidence    Array(String) COMMENT 'Quoted span of each of candidate_ids',
    candidate_reasons     Array(String) COMMENT 'What speaks for and against each of candidate_ids',
    valid_from            DateTime64(3, 'UTC') COMMENT 'Since when it holds; the epoch where always',
    valid_to              DateTime64(3, 'UTC') COMMENT 'Until when, exclusive; 2199-01-01 where still',
    matcher_version       LowCardinality(String) COMMENT 'Version of the rules that decided; empty in a correction'
)
ENGINE = ReplacingMergeTree(recorded_at)
-- By address: the view signals and the writer look decisions up by it. A fetch that is read again replaces its own decision.
ORDER BY (url, content_hash, origin, known_from)
COMMENT 'Decisions about whom pages speak of. Read through the views attributions and quarantine.';

-- The table of that name held one row an account and address and was never written by the product. What people put there is
-- their decision. Applied again, the name is a view and nothing is copied.
INSERT INTO attribution_rows (url, content_hash, origin, known_from, domain, watch, verdict, account_id, confidence, evidence, why, valid_from, valid_to, matcher_version)
SELECT url, '', 'correction', known, '', '', if(account = '', 'nobody', 'attributed'), account, sure, '', 'kept from an earlier release', since, until, ''
FROM
(
    SELECT url, argMax((account_id, confidence, known_from, valid_from, valid_to), (confidence, known_from)) AS v,
           v.1 AS account, v.2 AS sure, v.3 AS known, v.4 AS since, v.5 AS until
    FROM attributions
    WHERE (SELECT count() FROM system.tables WHERE database = currentDatabase() AND name = 'attributions' AND engine = 'View') = 0
    GROUP BY url
);

DROP TABLE IF EXISTS attributions SYNC;

CREATE OR REPLACE VIEW attributions AS
SELECT
    m.url AS url, m.domains AS domains,
    -- A correction by address wins, then one by content hash, then the matcher.
    multiIf(m.corrected, m.d.1, h.content_hash != '', h.d.1, m.d.1) AS verdict,
    multiIf(m.corrected, m.d.2, h.content_hash != '', h.d.2, m.d.2) AS account_id,
    multiIf(m.corrected, m.d.3, h.content_hash != '', h.d.3, m.d.3) AS confidence,
    multiIf(m.corrected, m.d.4, h.content_hash != '', h.d.4, m.d.4) AS evidence,
    multiIf(m.corrected, m.d.5, h.content_hash != '', h.d.5, m.d.5) AS why,
    multiIf(m.corrected, 'correction', h.content_hash != '', 'correction', 'matcher') AS origin,
    multiIf(m.corrected, m.d.6, h.content_hash != '', h.d.6, m.d.6) AS valid_from,
    multiIf(m.corrected, m.d.7, h.content_hash != '', h.d.7, m.d.7) AS valid_to,
    multiIf(m.corrected, m.d.8, h.content_hash != '', h.d.8, m.d.8) AS known_from,
    m.hash AS content_hash, m.candidates AS candidates
FROM
(
    SELECT
        url, groupUniqArrayIf(domain, domain != '') AS domains, max(origin = 'correction') AS corrected,
        argMax((verdict, account_id, confidence, evidence, why, valid_from, valid_to, known_from), (origin = 'correction', known_from, recorded_at)) AS d,
        argMaxIf(content_hash, (known_from, recorded_at), origin = 'matcher') AS hash,
        argMaxIf(arrayZip(candidate_ids, candidate_confidences, candidate_evidence, candidate_reasons), (known_from, recorded_at), origin = 'matcher') AS candidates
    FROM attribution_rows
    WHERE url != '' AND valid_from <= now64(3, 'UTC') AND valid_to > now64(3, 'UTC')
    GROUP BY url
) AS m
LEFT JOIN
(
    SELECT content_hash,
           argMax((verdict, account_id, confidence, evidence, why, valid_from, valid_to, known_from), (known_from, recorded_at)) AS d
    FROM attribution_rows
    WHERE url = '' AND content_hash != '' AND valid_from <= now64(3, 'UTC') AND valid_to > now64(3, 'UTC')
    GROUP BY content_hash
) AS h ON h.content_hash = m.hash
COMMENT 'One row an address that speaks, or may speak, of an account, as decided now, as far as we know now.';

CREATE OR REPLACE VIEW quarantine AS
SELECT url, domains, content_hash, known_from, c.1 AS account_id, c.2 AS confidence, c.3 AS evidence, c.4 AS why
FROM attributions
ARRAY JOIN candidates AS c
WHERE verdict = 'quarantined'
COMMENT 'Pages that may speak of an account and wait for a person: one row a candidate. A correction takes the page out.';

CREATE OR REPLACE VIEW signals AS
SELECT
    s.signal_id AS signal_id,
    -- A decision about the address wins over the owner of the domain: the matcher's on what the wire's visit read, a person's anywhere.
    if(a.url != '' AND (a.origin = 'correction' OR has(a.domains, s.domain)), a.account_id, d.account_id) AS account_id,
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
LEFT JOIN (SELECT url, account_id, origin, domains FROM attributions) AS a ON a.url = s.url
COMMENT 'One row a signal, before and after merges, with the account it belongs to now.';
