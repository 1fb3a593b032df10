-- What is known of some texts, and of the first texts of groups whose similarity hashes are near one of theirs. Two hashes that differ in
-- 7 bits or fewer have a band of sixteen in which they differ in one or none, so each hash is looked for in each band as it is and
-- with any one bit turned.
WITH
    probes AS
    (
        SELECT h, toUInt32(65536 * b + bitXor(bitAnd(bitShiftRight(h, 16 * b), 65535), m)) AS place
        FROM (SELECT arrayJoin({hashes:Array(UInt64)}) AS h)
        ARRAY JOIN [0, 1, 2, 3] AS b
        ARRAY JOIN arrayConcat([0], arrayMap(i -> bitShiftLeft(toUInt32(1), i), range(16))) AS m
    ),
    near AS
    (
        SELECT k.text_key AS text_key
        FROM
        (
            SELECT place, text_key, simhash
            FROM text_keys
            PREWHERE place IN (SELECT place FROM probes)
            WHERE recorded_at > now64(6) - toIntervalSecond({seconds:UInt32})
        ) AS k
        INNER JOIN probes AS p ON p.place = k.place
        WHERE bitCount(bitXor(p.h, k.simhash)) <= {distance:UInt8}
    )
SELECT has({keys:Array(UInt64)}, text_key) AS same, text_key, argMax(group_key, recorded_at) AS group_key, argMax(text_keys.simhash, recorded_at) AS simhash,
       min(text_keys.recorded_at) AS since
FROM text_keys
PREWHERE (place, text_key) IN
(
    SELECT toUInt32(262144 + bitAnd(k, 65535)), k FROM (SELECT arrayJoin({keys:Array(UInt64)}) AS k UNION ALL SELECT text_key AS k FROM near)
)
GROUP BY text_key
ORDER BY text_key
