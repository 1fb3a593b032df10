{{define "weights" -}}
-- Each weight, with a number of its driver's subject: kind, name and, of topics, the product it speaks of.
SELECT w.kind AS kind, w.name AS name, w.product AS product, w.points AS points, w.half_life_days AS half_life, w.cap_points AS cap,
       if(w.kind = 'topic', w.product, '') AS about, toUInt16(dense_rank() OVER (ORDER BY w.kind IN ('base', 'breadth'), w.kind, w.name, about)) AS subject
FROM
(
    SELECT arrayJoin(JSONExtract(content, 'rows',
        'Array(Tuple(kind String, name String, product String, points Int64, half_life_days Float64, cap_points Int64))')) AS w
    FROM (SELECT content FROM models WHERE name = 'intent' AND version = {weights:String} LIMIT 1)
)
{{- end}}

{{define "subjects" -}}
SELECT subject, kind, name, about, arraySort(x -> x.1, groupArray((product, points, half_life, cap))) AS worth
FROM weights WHERE kind NOT IN ('base', 'breadth') GROUP BY subject, kind, name, about
{{- end}}

{{define "read" -}}
SELECT domain FROM scope{{if .Elsewhere}} UNION ALL SELECT domain FROM elsewhere WHERE account IN (SELECT account FROM wanted){{end}}
{{- end}}

{{define "kept" -}}
-- One row for each signal that counts. The caller names these relations: scope (domain, account: the domains of the accounts in question, each
-- account a number from 1), elsewhere (domain, url, account: pages that were decided on by address, 0 for nobody's, which wins over the
-- domain's owner), wanted (account: only these are kept), weights and subjects. What a store has none of is left out of the statement.
SELECT account, subject, signal_id, strength, confidence, sign, source, observed{{if .Full}}, url, span{{end}}
FROM
(
    -- Syndicated copies of one text count once, on the earliest day (within a day the smallest id, not the first fetch): those with the same
    -- span, and of these those whose texts are copies (docs/adr/0010). A technology counts once however many pages show it.
    {{- if .Texts}}
    SELECT account, subject, {{template "first" .}}
    FROM
    (
    SELECT *, lowest AS ranked FROM (
    SELECT account, subject, text, {{template "first" .}}, min(ranked) AS lowest, minIf(copy_of, copy_of != 0) AS copy
    {{- else}}
    SELECT account, subject, {{template "first" .}}
    {{- end}}
    FROM
    (
        SELECT {{if .Elsewhere}}if(e.url != '', e.account, d.account){{else}}d.account{{end}} AS account,
               k.subject AS subject, s.signal_id AS signal_id, s.strength AS strength, s.confidence AS confidence, s.sign AS sign, s.source AS source,
               s.observed AS observed{{if .Full}}, s.url AS url, s.span AS span{{end}},
               bitShiftLeft(toUInt256(toUInt16(toDate(s.observed))), 128) + toUInt256(reinterpretAsUInt128(s.signal_id)) AS ranked,
               if(s.kind = 'technology', 0, sipHash64(lowerUTF8(s.span))) AS text
               {{- if .Texts}}, if(s.kind = 'technology', 0, t.group_key) AS copy_of{{end}}
        FROM
        (
            -- As newer rules left it, as far as that was known.
            SELECT m.domain AS domain, m.kind AS kind, m.name AS name, if(m.kind = 'topic', m.product, '') AS about, m.signal_id AS signal_id,
                   m.observed_at AS observed, m.source AS source, m.url AS url,
                   {{- if .Revised}}
                   if(v.revised, v.said.2, m.strength) AS strength, if(v.revised, v.said.3, m.confidence) AS confidence,
                   if(v.revised, v.said.4, m.sign) AS sign, if(v.revised, v.said.5, m.evidence) AS span
                   {{- else}}
                   m.strength AS strength, m.confidence AS confidence, m.sign AS sign, m.evidence AS span
                   {{- end}}
            FROM
            (
                SELECT domain, kind, name, product, signal_id, strength, confidence, sign, observed_at, detected_at, known_from, source, url, evidence
                FROM signal_rows FINAL
                WHERE {{.Prune}}
                {{- if .Narrow}} AND domain IN ({{template "read" .}}){{end}}
            ) AS m
            {{- if .Revised}}
            LEFT ANY JOIN
            (
                SELECT domain, signal_id, true AS revised, argMax((retired, strength, confidence, sign, evidence), (known_from, recorded_at)) AS said
                FROM revision_rows
                WHERE {{.Prune}}{{if .Narrow}} AND domain IN ({{template "read" .}}){{end}} AND known_from <= {known_by:DateTime64(3, 'UTC')}
                GROUP BY domain, signal_id
            ) AS v ON v.domain = m.domain AND v.signal_id = m.signal_id
            {{- end}}
            WHERE m.observed_at <= {as_of:DateTime64(3, 'UTC')} AND m.detected_at <= {known_by:DateTime64(3, 'UTC')} AND m.known_from <= {known_by:DateTime64(3, 'UTC')}
              {{- if .Revised}} AND NOT v.said.1{{end}}
              {{- if .Gone}} AND m.signal_id NOT IN ({{template "gone" .}}){{end}}
        ) AS s
        INNER JOIN (SELECT subject, kind, name, about FROM subjects) AS k ON k.kind = s.kind AND k.name = s.name AND k.about = s.about
        {{if .Elsewhere}}LEFT ANY{{else}}INNER{{end}} JOIN (SELECT domain, account FROM scope) AS d ON d.domain = s.domain
        {{- if .Elsewhere}}
        LEFT ANY JOIN (SELECT domain, url, account FROM elsewhere) AS e ON e.domain = s.domain AND e.url = s.url
        {{- end}}
        {{- if .Texts}}
        LEFT ANY JOIN ({{template "text_groups" .}}) AS t ON t.domain = s.domain AND t.url = s.url
        {{- end}}
    )
    {{- if .Elsewhere}}
    WHERE account IN (SELECT account FROM wanted)
    {{- end}}
    GROUP BY account, subject, text
    {{- if .Texts}}
    ))
    GROUP BY account, subject, if(copy = 0, text, 0), copy
    {{- end}}
)
{{- end}}

{{define "first" -}}
argMin(signal_id, ranked) AS signal_id, argMin(strength, ranked) AS strength, argMin(confidence, ranked) AS confidence, argMin(sign, ranked) AS sign,
    argMin(source, ranked) AS source, argMin(observed, ranked) AS observed{{if .Full}}, argMin(url, ranked) AS url, argMin(span, ranked) AS span{{end}}
{{- end}}

{{define "text_groups" -}}
-- The text that stood at an address as far as was known, and the group of its copies.
SELECT t.domain AS domain, t.url AS url, g.group_key AS group_key
FROM
(
    SELECT domain, url, argMax(text_key, (known, text_key)) AS text_key
    FROM
    (
        SELECT domain, url, text_key, min(known_from) AS known
        FROM text_rows
        WHERE {{.Prune}}{{if .Narrow}} AND domain IN ({{template "read" .}}){{end}}
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
        (SELECT toUInt32(262144 + bitAnd(text_key, 65535)), text_key FROM text_rows WHERE {{.Prune}}{{if .Narrow}} AND domain IN ({{template "read" .}}){{end}})
    GROUP BY text_key
) AS g ON g.text_key = t.text_key
{{- end}}

{{define "gone" -}}
-- A technology counts while it is present. It is gone once a read after it was last seen had other content, and one more since then
-- was made: the same rule as the view technologies, up to the run's two times.
SELECT s.signal_id
FROM
(
    SELECT domain, url, fetched_at, unchanged
    FROM pages
    WHERE {{.Prune}} AND error = '' AND (status = 304 OR status BETWEEN 200 AND 299 OR kind = 'probe') AND kind != 'error'
      AND fetched_at <= least({as_of:DateTime64(3, 'UTC')}, {known_by:DateTime64(3, 'UTC')})
      {{- if .Narrow}} AND domain IN ({{template "read" .}}){{end}}
) AS r
INNER JOIN
(
    SELECT domain, url, signal_id, last_seen
    FROM signal_rows FINAL
    WHERE kind = 'technology' AND {{.Prune}}{{if .Narrow}} AND domain IN ({{template "read" .}}){{end}}
) AS s ON s.domain = r.domain AND s.url = r.url
WHERE r.fetched_at > s.last_seen
GROUP BY s.signal_id
HAVING countIf(NOT r.unchanged) > 0
   AND arrayCount(x -> x >= minIf(r.fetched_at, NOT r.unchanged), groupUniqArray(r.fetched_at)) >= 2
{{- end}}

{{define "counted" -}}
-- One row for each signal that counts and product it counts for, with its points; nth counts the products of a signal from 1.
SELECT account, subject, signal_id, source, observed{{if .Full}}, url, span{{end}}, w.1 AS product, w.2 AS cap, w.3 AS points, nth
FROM
(
    SELECT s.account AS account, s.subject AS subject, s.signal_id AS signal_id, s.source AS source, s.observed AS observed
           {{- if .Full}}, s.url AS url, s.span AS span{{end}},
           toFloat64(s.strength) AS strength, toFloat64(s.confidence) AS confidence, s.sign AS sign,
           dateDiff('day', s.observed, {as_of:DateTime64(3, 'UTC')}) AS age,
           -- Exact in whole thousandths before anything is summed, so that the order of threads cannot matter. Age in
           -- calendar days: when in a day a page was fetched, or the run began, says nothing about intent.
           arrayFilter(x -> x.3 != 0, arrayMap(w -> (w.1, w.4, toInt64(round(w.2 * strength * confidence * sign * if(w.3 > 0, exp2(-age / w.3), 1)))), k.worth)) AS worths
    FROM ({{template "kept" .}}) AS s
    INNER JOIN (SELECT subject, worth FROM subjects) AS k ON k.subject = s.subject
)
ARRAY JOIN worths AS w, arrayEnumerate(worths) AS nth
{{- end}}
