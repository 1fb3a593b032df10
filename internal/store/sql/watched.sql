-- The feeds that watch lists name or named.
SELECT domain, url, version, watch, source, priority, next_due, interval_s, floor_s, failures, last_read, last_changed, last_error, items, state
FROM feed_rows FINAL
WHERE watch != ''
ORDER BY domain, url
