-- How many there are: accounts, best customers, and opportunities of the product won and ended.
WITH known AS ({{template "accounts"}})
SELECT
    toInt64((SELECT count() FROM known)),
    toInt64((SELECT count() FROM known WHERE account_id IN ({{template "best"}}))),
    toInt64((SELECT countIf(won) FROM ({{template "opportunities"}}))),
    toInt64((SELECT count() FROM ({{template "opportunities"}})))
