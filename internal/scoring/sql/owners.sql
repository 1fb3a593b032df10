{{define "owners" -}}
-- Who owns a domain, as of the run: for one valid_from the latest knowledge counts, then the latest valid_from.
SELECT domain, owner.1 AS account_id
FROM
(
    SELECT domain, argMax((account_id, valid_to), (valid_from, known_from, account_id)) AS owner
    FROM account_domains
    WHERE known_from <= {known_by:DateTime64(3, 'UTC')} AND valid_from <= {as_of:DateTime64(3, 'UTC')}
    GROUP BY domain
)
WHERE owner.2 > {as_of:DateTime64(3, 'UTC')}
{{- end}}
