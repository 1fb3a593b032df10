{{define "accounts" -}}
-- Accounts as we knew them.
SELECT account_id, tupleElement(v, 1) AS country, tupleElement(v, 2) AS region, tupleElement(v, 3) AS industry, tupleElement(v, 4) AS vertical,
       tupleElement(v, 5) AS employees, tupleElement(v, 6) AS potential, tupleElement(v, 7) AS attributes
FROM
(
    -- In one tuple: argMax passes over a null that stands alone.
    SELECT account_id,
           argMax((country, region, industry, vertical, ifNull(toFloat64(employees), nan), ifNull(azure_potential_usd, nan), attributes, deleted), known_from) AS v
    FROM account_rows
    WHERE known_from <= {known_by:DateTime64(3, 'UTC')}
    GROUP BY account_id
)
WHERE NOT tupleElement(v, 8)
{{- end}}

{{define "owners" -}}
-- Who owns a domain, as of the end of the data: for one valid_from the latest knowledge counts, then the latest valid_from.
SELECT domain, tupleElement(owner, 1) AS account_id
FROM
(
    SELECT domain, argMax((account_id, valid_to), (valid_from, known_from, account_id)) AS owner
    FROM account_domains
    WHERE known_from <= {known_by:DateTime64(3, 'UTC')} AND valid_from < toDateTime64(toDate({until:String}), 3, 'UTC')
    GROUP BY domain
)
WHERE tupleElement(owner, 2) >= toDateTime64(toDate({until:String}), 3, 'UTC')
{{- end}}
