-- A figure that changes with accounts, domains and corrections.
SELECT concat(
    (SELECT concat(toString(count()), ' ', toString(max(known_from))) FROM account_rows), ' ',
    (SELECT concat(toString(count()), ' ', toString(max(known_from)), ' ', toString(countIf(valid_to <= now64(3, 'UTC')))) FROM account_domains), ' ',
    (SELECT concat(toString(count()), ' ', toString(max(known_from)), ' ', toString(countIf(valid_to <= now64(3, 'UTC')))) FROM attribution_rows WHERE origin = 'correction')) AS state
