{{define "owners" -}}
-- Who owns a domain, as of the run: for one valid_from the latest knowledge counts, then the latest valid_from. The table's order read backwards: the last
-- row of a domain comes first, and nothing is sorted or gathered.
SELECT domain, account_id
FROM
(
    SELECT domain, account_id, valid_to
    FROM account_domains
    WHERE known_from <= {known_by:DateTime64(3, 'UTC')} AND valid_from <= {as_of:DateTime64(3, 'UTC')}{{with .Slice}} AND {{.}}{{end}}
    ORDER BY domain DESC, valid_from DESC, known_from DESC, account_id DESC
    LIMIT 1 BY domain
)
WHERE valid_to > {as_of:DateTime64(3, 'UTC')}
{{- end}}
-- Of one slice of domains: whose each is, in which shard of the signals it lies, and when a page of it was first read.
INSERT INTO run_owners (run_id, slice, account_id, domain, shard, first_read)
WITH JSONExtract(base64Decode({ranges:String}), 'Array(String)') AS bounds
SELECT {run_id:String}, {slice:UInt16}, o.account_id, o.domain, toUInt16((sipHash64(o.domain) % 16) * (1 + length(bounds)) + arrayCount(b -> b <= o.domain, bounds)), v.first
FROM ({{template "owners" .}}) AS o
LEFT JOIN
(
    SELECT domain, min(fetched_at) AS first FROM pages
    WHERE {{.Slice}} AND fetched_at <= {known_by:DateTime64(3, 'UTC')} AND error = '' AND (status = 304 OR status BETWEEN 200 AND 299)
    GROUP BY domain
) AS v ON v.domain = o.domain
{{template "alone"}}
