-- The latest corrections of some addresses and content hashes.
SELECT if(url != '', url, content_hash) AS target, account_id
FROM attribution_rows
WHERE origin = 'correction' AND if(url != '', url, content_hash) IN {targets:Array(String)}
ORDER BY target, known_from DESC, recorded_at DESC
LIMIT 1 BY target
