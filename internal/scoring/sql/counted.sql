{{define "weights" -}}
SELECT w.kind AS kind, w.name AS name, w.product AS product, w.points AS points, w.half_life_days AS half_life, w.cap_points AS cap
FROM
(
    SELECT arrayJoin(JSONExtract(content, 'rows',
        'Array(Tuple(kind String, name String, product String, points Int64, half_life_days Float64, cap_points Int64))')) AS w
    FROM (SELECT content FROM models WHERE name = 'intent' AND version = {weights:String} LIMIT 1)
)
{{- end}}

{{define "counted" -}}
-- One row for each signal that counts and product it counts for, with its points. The caller names
-- two relations: scope (domain, account_id: the domains of the accounts in question) and elsewhere (domain, url, account_id:
-- pages that were decided on by address, '' for nobody's, which wins over the domain's owner); only accounts of the relation wanted (account_id) are kept.
SELECT f.account_id AS account_id, w.product AS product, f.kind AS kind, f.name AS name, w.cap AS cap,
       f.first.9 AS observed, f.first.2 AS signal_id, f.first.6 AS source, f.first.7 AS url, f.first.8 AS span,
       -- Exact in whole thousandths before anything is summed, so that the order of threads cannot matter. Age in
       -- calendar days: when in a day a page was fetched, or the run began, says nothing about intent.
       toInt64(round(w.points * f.first.3 * f.first.4 * f.first.5
           * if(w.half_life > 0, exp2(-dateDiff('day', f.first.1, {as_of:DateTime64(3, 'UTC')}) / w.half_life), 1))) AS points
FROM
(
    -- Syndicated copies of one text count once, on the earliest day (within a day the smallest id, not the first fetch); a technology counts once however many pages show it.
    SELECT account_id, kind, name, about,
           min((toDateTime64(toDate(observed), 3, 'UTC'), signal_id, strength, confidence, sign, source, url, span, observed)) AS first
    FROM
    (
        SELECT if(e.url != '', e.account_id, d.account_id) AS account_id,
               s.kind AS kind, s.name AS name, if(s.kind = 'topic', s.product, '') AS about,
               if(s.kind = 'technology', '', lowerUTF8(s.span)) AS text,
               s.observed AS observed, s.signal_id AS signal_id, s.strength AS strength, s.confidence AS confidence,
               s.sign AS sign, s.source AS source, s.url AS url, s.span AS span
        FROM
        (
            SELECT domain, kind, name, product, signal_id,
                   toFloat64(max(strength)) AS strength, toFloat64(max(confidence)) AS confidence, min(sign) AS sign,
                   min(observed_at) AS observed, min(detected_at) AS detected, max(last_seen) AS last,
                   min(source) AS source, min(url) AS url, min(evidence) AS span
            FROM signal_rows
            WHERE {{.Prune}}
              AND domain IN (SELECT domain FROM scope UNION ALL SELECT domain FROM elsewhere WHERE account_id IN (SELECT account_id FROM wanted))
            GROUP BY domain, kind, name, product, signal_id
        ) AS s
        LEFT ANY JOIN (SELECT domain, account_id FROM scope) AS d ON d.domain = s.domain
        LEFT ANY JOIN (SELECT domain, url, account_id FROM elsewhere) AS e ON e.domain = s.domain AND e.url = s.url
        -- A technology counts while it is present. It is gone once its address was read twice more without it, and at least
        -- once with other content: the same rule as the view technologies, up to the run's two times.
        LEFT ANY JOIN
        (
            SELECT domain, url, groupUniqArray((fetched_at, NOT unchanged)) AS reads
            FROM pages
            WHERE error = '' AND (status = 304 OR status BETWEEN 200 AND 299 OR kind = 'probe')
              AND fetched_at <= least({as_of:DateTime64(3, 'UTC')}, {known_by:DateTime64(3, 'UTC')})
              AND domain IN (SELECT domain FROM scope)
            GROUP BY domain, url
        ) AS r ON r.domain = s.domain AND r.url = s.url
        WHERE s.observed <= {as_of:DateTime64(3, 'UTC')} AND s.detected <= {known_by:DateTime64(3, 'UTC')}
          AND (s.kind != 'technology'
               OR arrayUniq(arrayMap(x -> x.1, arrayFilter(x -> x.1 > s.last, r.reads))) < 2
               OR NOT arrayExists(x -> x.1 > s.last AND x.2, r.reads))
    )
    WHERE account_id IN (SELECT account_id FROM wanted)
    GROUP BY account_id, kind, name, about, text
) AS f
INNER JOIN (SELECT kind, name, product, points, half_life, cap FROM weights WHERE kind NOT IN ('base', 'breadth')) AS w
    ON w.kind = f.kind AND w.name = f.name
-- Technologies and events speak of no product: the weights say for which they count.
WHERE (f.kind != 'topic' OR f.about = w.product) AND points != 0
{{- end}}
