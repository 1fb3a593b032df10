-- What is on the schedule, domains and feeds, those due first.
SELECT kind, domain, url, watch, source, priority, next_due, interval_s, floor_s, failures, last, last_changed, outcome, items
FROM
(
    SELECT
        'domain' AS kind, domain, '' AS url, '' AS watch, '' AS source, priority, next_due, interval_s, toUInt32(0) AS floor_s, failures,
        last_visit AS last, CAST(NULL AS Nullable(DateTime64(3, 'UTC'))) AS last_changed, toString(last_outcome) AS outcome, toUInt32(0) AS items
    FROM domains WHERE state = 'active'
    UNION ALL
    SELECT
        if(watch = '', 'feed', 'watch') AS kind, domain, url, watch, toString(source) AS source, priority, next_due, interval_s, floor_s, failures,
        last_read AS last, last_changed, multiIf(last_error != '', toString(last_error), last_read IS NULL, '', 'ok') AS outcome, items
    FROM feeds WHERE state = 'active'
)
WHERE kind IN {kinds:Array(String)} AND ({all:Bool} OR domain IN {domains:Array(String)} OR url IN {urls:Array(String)})
  AND next_due <= {now:DateTime64(3, 'UTC')} AND (NOT {failing:Bool} OR failures > 0)
ORDER BY next_due, priority, domain, url
LIMIT {limit:UInt32}
