{{define "attributed" -}}
-- Pages that stand on nobody's domain, as of the run: a person's decision about the address wins, then one about the content, then the
-- matcher's; of each the latest that was known and held. An account of '' is a decision too: the page counts for nobody.
SELECT m.url AS url, m.domains AS domains, m.d.1 AS corrected,
       multiIf(m.d.1, m.d.2, h.content_hash != '', h.account_id, m.d.2) AS account_id
FROM
(
    SELECT url, groupUniqArrayIf(domain, domain != '') AS domains,
           argMax((origin = 'correction', account_id), (origin = 'correction', known_from, recorded_at)) AS d,
           argMaxIf(content_hash, (known_from, recorded_at), origin = 'matcher') AS hash
    FROM attribution_rows
    WHERE url != '' AND known_from <= {known_by:DateTime64(3, 'UTC')}
      AND valid_from <= {as_of:DateTime64(3, 'UTC')} AND valid_to > {as_of:DateTime64(3, 'UTC')}
    GROUP BY url
) AS m
LEFT JOIN
(
    SELECT content_hash, argMax(account_id, (known_from, recorded_at)) AS account_id
    FROM attribution_rows
    WHERE url = '' AND content_hash != '' AND known_from <= {known_by:DateTime64(3, 'UTC')}
      AND valid_from <= {as_of:DateTime64(3, 'UTC')} AND valid_to > {as_of:DateTime64(3, 'UTC')}
    GROUP BY content_hash
) AS h ON h.content_hash = m.hash
{{- end -}}
-- Only addresses that have signals; their domain comes from the signals. What the matcher said holds for what the wire's visit read, a
-- person's word for the address wherever it was read.
INSERT INTO run_attributions (run_id, domain, url, account_id)
SELECT {run_id:String}, s.domain, s.url, a.account_id
FROM ({{template "attributed"}}) AS a
INNER JOIN (SELECT DISTINCT domain, url FROM signal_rows WHERE url IN (SELECT url FROM attribution_rows)) AS s ON s.url = a.url
WHERE a.corrected OR has(a.domains, s.domain)
