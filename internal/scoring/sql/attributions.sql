{{define "attributed" -}}
-- Pages off an account's own domains, as of the run: for one address, account and valid_from the latest knowledge counts,
-- then the surest account.
SELECT url, argMax(account_id, (sure, known, account_id)) AS account_id
FROM
(
    SELECT url, account_id, valid_from,
           argMax((confidence, valid_to), known_from) AS v, tupleElement(v, 1) AS sure, tupleElement(v, 2) AS until, max(known_from) AS known
    FROM attributions
    WHERE known_from <= {known_by:DateTime64(3, 'UTC')} AND valid_from <= {as_of:DateTime64(3, 'UTC')}
    GROUP BY url, account_id, valid_from
)
WHERE until > {as_of:DateTime64(3, 'UTC')}
GROUP BY url
{{- end -}}
-- Only addresses that have signals; their domain comes from the signals, as SQL knows no public suffixes.
INSERT INTO run_attributions (run_id, domain, url, account_id)
SELECT {run_id:String}, s.domain, s.url, a.account_id
FROM ({{template "attributed"}}) AS a
INNER JOIN (SELECT DISTINCT domain, url FROM signal_rows WHERE url IN (SELECT url FROM attributions)) AS s ON s.url = a.url
