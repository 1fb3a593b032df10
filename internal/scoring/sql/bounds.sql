-- Domains that part each partition of signals into ranges of about as many domains, by a thirty-second of the domains that were known: the same for the same
-- known_by, as what is usual of a product is taken from the first span.
SELECT toJSONString(arrayMap(i -> sorted[intDiv(length(sorted) * i, {ranges:UInt16}) + 1], range(1, {ranges:UInt16})))
FROM
(
    SELECT arraySort(groupUniqArray(domain)) AS sorted
    FROM account_domains
    WHERE known_from <= {known_by:DateTime64(3, 'UTC')} AND cityHash64(domain) % 32 = 0
)
