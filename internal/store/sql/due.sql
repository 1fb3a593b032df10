-- The entries of the schedule that are due, the most urgent first, one a domain. Read in the order of the table's key: it ends at
-- the limit, however many are due.
SELECT priority, next_due, domain, url, version
FROM due_rows FINAL
WHERE sign > 0 AND next_due <= {now:DateTime64(3, 'UTC')}
ORDER BY priority, next_due, domain, url
LIMIT 1 BY domain
LIMIT {limit:UInt32}
