{{define "technology" -}}
-- From when to when our own crawl saw a technology at a domain. It is gone once every address that showed it was read twice more without it,
-- at least once with other content: the rule of the view technologies, as far as was known.
SELECT domain, name, min(since) AS since, if(countIf(gone IS NULL) = 0, assumeNotNull(max(gone)), toDateTime64('2199-01-01', 3, 'UTC')) AS until
FROM
(
    SELECT s.domain AS domain, s.name AS name, s.url AS url, min(s.since) AS since,
           if(countIf(r.at > s.last AND r.changed) > 0 AND countIf(r.at > s.last) >= 2, minIf(r.at, r.at > s.last AND r.changed), NULL) AS gone
    FROM
    (
        SELECT domain, name, min(url) AS url, min(observed_at) AS since, max(last_seen) AS last
        FROM signal_rows
        WHERE kind = 'technology'
        GROUP BY domain, name, signal_id
        HAVING min(detected_at) <= {known_by:DateTime64(3, 'UTC')}
    ) AS s
    LEFT JOIN
    (
        SELECT domain, url, fetched_at AS at, NOT unchanged AS changed
        FROM pages FINAL
        WHERE error = '' AND (status = 304 OR status BETWEEN 200 AND 299 OR kind = 'probe') AND fetched_at <= {known_by:DateTime64(3, 'UTC')}
    ) AS r ON r.domain = s.domain AND r.url = s.url
    GROUP BY s.domain, s.name, s.url
)
GROUP BY domain, name
{{- end}}

{{define "holdings" -}}
-- From when to when an account had one of the other products: subscriptions, and a year from each purchase.
SELECT account_id, product, since, till
FROM
(
    SELECT account_id, product, start AS since, argMax(ifNull(end, toDate('2149-06-06')), known_from) AS till
    FROM subscription_rows
    WHERE known_from <= {known_by:DateTime64(3, 'UTC')} AND product != base64Decode({product:String})
    GROUP BY account_id, product, sku, start, agreement_id
    UNION ALL
    SELECT account_id, product, date AS since, date + {owned_days:UInt16} AS till
    FROM transaction_rows
    WHERE known_from <= {known_by:DateTime64(3, 'UTC')} AND product != base64Decode({product:String}) AND amount > 0
    GROUP BY account_id, product, date
)
{{- end}}
