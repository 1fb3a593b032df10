{{define "weights" -}}
SELECT w.kind AS kind, w.name AS name, w.product AS product, w.points AS points, w.half_life_days AS half_life, w.cap_points AS cap
FROM
(
    SELECT arrayJoin(JSONExtract(content, 'rows',
        'Array(Tuple(kind String, name String, product String, points Int64, half_life_days Float64, cap_points Int64))')) AS w
    FROM (SELECT content FROM models WHERE name = 'intent' AND version = {weights:String} LIMIT 1)
)
{{- end}}

{{define "read" -}}
SELECT domain FROM scope UNION ALL SELECT domain FROM elsewhere WHERE account_id IN (SELECT account_id FROM wanted)
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
    -- Syndicated copies of one text count once, on the earliest day (within a day the smallest id, not the first fetch): those with the same
    -- span, and of these those whose texts are copies (docs/adr/0010). A technology counts once however many pages show it.
    SELECT account_id, kind, name, about, min(earliest) AS first
    FROM
    (
    SELECT account_id, kind, name, about, text,
           min((toDateTime64(toDate(observed), 3, 'UTC'), signal_id, strength, confidence, sign, source, url, span, observed)) AS earliest,
           minIf(copy_of, copy_of != 0) AS copy
    FROM
    (
        SELECT if(e.url != '', e.account_id, d.account_id) AS account_id,
               s.kind AS kind, s.name AS name, if(s.kind = 'topic', s.product, '') AS about,
               if(s.kind = 'technology', '', lowerUTF8(s.span)) AS text, if(s.kind = 'technology', 0, c.group_key) AS copy_of,
               s.observed AS observed, s.signal_id AS signal_id, s.strength AS strength, s.confidence AS confidence,
               s.sign AS sign, s.source AS source, s.url AS url, s.span AS span
        FROM
        (
            -- As newer rules left it, as far as that was known.
            SELECT m.domain AS domain, m.kind AS kind, m.name AS name, m.product AS product, m.signal_id AS signal_id,
                   toFloat64(if(v.revised, v.said.2, m.strength)) AS strength, toFloat64(if(v.revised, v.said.3, m.confidence)) AS confidence,
                   if(v.revised, v.said.4, m.sign) AS sign, m.observed AS observed, m.last AS last, m.source AS source, m.url AS url,
                   if(v.revised, v.said.5, m.span) AS span
            FROM
            (
                SELECT domain, kind, name, product, signal_id, max(strength) AS strength, max(confidence) AS confidence, min(sign) AS sign,
                       min(observed_at) AS observed, min(detected_at) AS detected, min(known_from) AS known, max(last_seen) AS last,
                       min(source) AS source, min(url) AS url, min(evidence) AS span
                FROM signal_rows
                WHERE {{.Prune}}
                  AND domain IN ({{template "read"}})
                GROUP BY domain, kind, name, product, signal_id
            ) AS m
            LEFT ANY JOIN
            (
                SELECT domain, signal_id, true AS revised, argMax((retired, strength, confidence, sign, evidence), (known_from, recorded_at)) AS said
                FROM revision_rows
                WHERE {{.Prune}} AND domain IN ({{template "read"}}) AND known_from <= {known_by:DateTime64(3, 'UTC')}
                GROUP BY domain, signal_id
            ) AS v ON v.domain = m.domain AND v.signal_id = m.signal_id
            WHERE m.observed <= {as_of:DateTime64(3, 'UTC')} AND m.detected <= {known_by:DateTime64(3, 'UTC')} AND m.known <= {known_by:DateTime64(3, 'UTC')}
              AND NOT v.said.1
        ) AS s
        LEFT ANY JOIN (SELECT domain, account_id FROM scope) AS d ON d.domain = s.domain
        LEFT ANY JOIN (SELECT domain, url, account_id FROM elsewhere) AS e ON e.domain = s.domain AND e.url = s.url
        -- The text that stood at the address as far as was known, and the group of its copies.
        LEFT ANY JOIN
        (
            SELECT t.domain AS domain, t.url AS url, g.group_key AS group_key
            FROM
            (
                SELECT domain, url, argMax(text_key, (known, text_key)) AS text_key
                FROM
                (
                    SELECT domain, url, text_key, min(known_from) AS known
                    FROM text_rows
                    WHERE {{.Prune}}
                      AND domain IN ({{template "read"}})
                    GROUP BY domain, url, text_key
                )
                WHERE known <= {known_by:DateTime64(3, 'UTC')}
                GROUP BY domain, url
            ) AS t
            LEFT ANY JOIN
            (
                SELECT text_key, argMax(group_key, recorded_at) AS group_key
                FROM text_keys
                WHERE (place, text_key) IN
                    (SELECT toUInt32(262144 + bitAnd(text_key, 65535)), text_key FROM text_rows WHERE {{.Prune}} AND domain IN ({{template "read"}}))
                GROUP BY text_key
            ) AS g ON g.text_key = t.text_key
        ) AS c ON c.domain = s.domain AND c.url = s.url
        -- A technology counts while it is present. It is gone once a read after it was last seen had other content, and one more since then
        -- was made: the same rule as the view technologies, up to the run's two times.
        LEFT ANY JOIN
        (
            SELECT domain, url, groupUniqArray((fetched_at, NOT unchanged)) AS reads
            FROM pages
            WHERE error = '' AND (status = 304 OR status BETWEEN 200 AND 299 OR kind = 'probe') AND kind != 'error'
              AND fetched_at <= least({as_of:DateTime64(3, 'UTC')}, {known_by:DateTime64(3, 'UTC')})
              AND domain IN (SELECT domain FROM scope)
            GROUP BY domain, url
        ) AS r ON r.domain = s.domain AND r.url = s.url
        WHERE s.kind != 'technology'
           OR NOT arrayExists(x -> x.1 > s.last AND x.2, r.reads)
           OR arrayUniq(arrayMap(x -> x.1, arrayFilter(x -> x.1 >= arrayMin(arrayMap(y -> y.1, arrayFilter(y -> y.1 > s.last AND y.2, r.reads))), r.reads))) < 2
    )
    WHERE account_id IN (SELECT account_id FROM wanted)
    GROUP BY account_id, kind, name, about, text
    )
    GROUP BY account_id, kind, name, about, if(copy = 0, text, ''), copy
) AS f
INNER JOIN (SELECT kind, name, product, points, half_life, cap FROM weights WHERE kind NOT IN ('base', 'breadth')) AS w
    ON w.kind = f.kind AND w.name = f.name
-- Technologies and events speak of no product: the weights say for which they count.
WHERE (f.kind != 'topic' OR f.about = w.product) AND points != 0
{{- end}}
