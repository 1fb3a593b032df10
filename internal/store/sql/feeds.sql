-- The feeds of some domains, or of all, those due first.
SELECT domain, url, version, watch, source, priority, next_due, interval_s, floor_s, failures, last_read, last_changed, last_error, items, state
FROM feed_rows FINAL
PREWHERE {all:Bool} OR domain IN {domains:Array(String)}
ORDER BY next_due, domain, url
