-- The matcher's latest decision about some addresses, from before a moment.
SELECT url, content_hash, verdict, account_id, candidate_ids, matcher_version
FROM attribution_rows
WHERE url IN {urls:Array(String)} AND origin = 'matcher'
ORDER BY url, known_from DESC, recorded_at DESC
LIMIT 1 BY url
