-- Domains that part the known ones into slices of about as many, by a share of them: the same for the same known_by, as what is usual of a product is taken from
-- the first span.
SELECT toJSONString(arraySort(groupArray(at)))
FROM
(
    SELECT at, row_number() OVER (ORDER BY at) - 1 AS before, count() OVER () AS everyone
    FROM
    (
        SELECT DISTINCT substring(domain, 1, 100) AS at
        FROM account_domains
        WHERE known_from <= {known_by:DateTime64(3, 'UTC')} AND cityHash64(domain) % {every:UInt32} = 0
    )
)
-- The first of each share.
WHERE before > 0 AND intDiv(before * {slices:UInt16}, everyone) > intDiv((before - 1) * {slices:UInt16}, everyone)
