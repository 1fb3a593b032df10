-- The technologies that most accounts were seen to use, the most frequent first: they become features.
WITH owners AS ({{template "owners"}})
SELECT toString(t.name)
FROM ({{template "technology"}}) AS t
INNER JOIN owners AS o ON o.domain = t.domain
WHERE t.since < toDateTime64(toDate({until:String}), 3, 'UTC')
GROUP BY t.name
ORDER BY uniqExact(o.account_id) DESC, t.name
LIMIT {most:UInt32}
