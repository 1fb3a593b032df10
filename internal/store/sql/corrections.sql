-- Every correction that stands: an address or a content hash, and the account or nobody.
SELECT if(url != '', url, content_hash) AS target, argMax(account_id, (known_from, recorded_at)) AS account_id
FROM attribution_rows
WHERE origin = 'correction' AND valid_from <= now64(3, 'UTC') AND valid_to > now64(3, 'UTC')
GROUP BY target
ORDER BY target
