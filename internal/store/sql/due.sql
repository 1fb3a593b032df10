-- Domains whose visit is due, the most urgent first.
SELECT domain, next_due, interval_s, failures
FROM domain_rows FINAL
WHERE state = 'active' AND next_due <= {now:DateTime64(3, 'UTC')}
ORDER BY priority, next_due, domain
LIMIT {limit:UInt32}
