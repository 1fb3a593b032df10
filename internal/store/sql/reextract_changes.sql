-- What would be added, removed and changed, a line for each domain, kind, name, product and address. A signal that is removed
-- where another of the same is added moved to another day.
SELECT
    multiIf(has(changes, 'changed') OR has(changes, 'added') AND has(changes, 'removed'), 'changed',
            has(changes, 'added'), 'added', has(changes, 'removed'), 'removed', 'kept') AS change,
    domain, kind, name, product, url, before.1 AS was_version, before.2 AS was_strength, before.3 AS was_confidence, before.4 AS was_sign,
    before.5 AS was_observed_at, before.6 AS was_evidence,
    after.1 AS now_version, after.2 AS now_strength, after.3 AS now_confidence, after.4 AS now_sign, after.5 AS now_observed_at, after.6 AS now_evidence
FROM
(
    SELECT domain, kind, name, product, url, groupUniqArray(reextract_changes.change) AS changes,
           argMinIf(was, (was.5, signal_id), reextract_changes.change IN ('changed', 'removed', 'kept')) AS before,
           argMinIf(now, (now.5, signal_id), reextract_changes.change IN ('changed', 'added')) AS after
    FROM reextract_changes
    WHERE run_id = {run_id:String} AND reextract_changes.change != 'same'
    GROUP BY domain, kind, name, product, url
)
ORDER BY change, domain, kind, name, product, url
LIMIT {limit:UInt32}
