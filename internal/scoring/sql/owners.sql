{{define "owners" -}}
-- Who owns a domain, as of the run: for one valid_from the latest knowledge counts, then the latest valid_from. The table's order read backwards: the last
-- row of a domain comes first, and nothing is sorted or gathered.
SELECT domain, account_id
FROM
(
    SELECT domain, account_id, valid_to
    FROM account_domains
    WHERE known_from <= {known_by:DateTime64(3, 'UTC')} AND valid_from <= {as_of:DateTime64(3, 'UTC')}
    ORDER BY domain DESC, valid_from DESC, known_from DESC, account_id DESC
    LIMIT 1 BY domain
)
WHERE valid_to > {as_of:DateTime64(3, 'UTC')}
{{- end}}
