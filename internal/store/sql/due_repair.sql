-- Entries for rows that are due soon and have none: a writer was stopped for so long between entry and row that a poll took the
-- entry for stale, or a program that knows of no entries wrote the row.
INSERT INTO due_rows (priority, next_due, domain, url, version, sign)
SELECT priority, next_due, domain, url, {version:UInt64}, 1
FROM
(
    SELECT priority, next_due, domain, '' AS url FROM domain_rows FINAL WHERE state = 'active' AND next_due <= {until:DateTime64(3, 'UTC')}
    UNION ALL
    SELECT priority, next_due, domain, url FROM feed_rows FINAL WHERE state = 'active' AND next_due <= {until:DateTime64(3, 'UTC')}
)
WHERE (priority, next_due, domain, url) NOT IN
(
    SELECT priority, next_due, domain, url FROM due_rows FINAL WHERE sign > 0 AND next_due <= {until:DateTime64(3, 'UTC')}
)
