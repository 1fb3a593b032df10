-- Likewise accounts.
SELECT toJSONString(arraySort(groupArray(at)))
FROM
(
    SELECT at, row_number() OVER (ORDER BY at) - 1 AS before, count() OVER () AS everyone
    FROM
    (
        SELECT DISTINCT account_id AS at
        FROM account_rows
        WHERE known_from <= {known_by:DateTime64(3, 'UTC')} AND cityHash64(account_id) % {every:UInt32} = 0
    )
)
-- The first of each share.
WHERE before > 0 AND intDiv(before * {slices:UInt16}, everyone) > intDiv((before - 1) * {slices:UInt16}, everyone)
