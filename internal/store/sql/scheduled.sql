-- The schedule of some domains, or of all.
SELECT domain, version, priority, next_due, interval_s, failures, last_visit, last_outcome, address, state
FROM domain_rows FINAL
PREWHERE {all:Bool} OR domain IN {domains:Array(String)}
