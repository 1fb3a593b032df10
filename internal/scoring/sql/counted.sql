{{define "weights" -}}
-- Each weight, with the number of its product and that of its driver's subject: kind, name and, of topics, the product it speaks of. Both
-- count from 1 without holes, in order of names.
SELECT w.kind AS kind, w.name AS name, w.product AS product, w.points AS points, w.half_life_days AS half_life, w.cap_points AS cap,
       if(w.kind = 'topic', w.product, '') AS about, toUInt8(dense_rank() OVER (ORDER BY w.product)) AS number,
       toUInt16(dense_rank() OVER (ORDER BY w.kind IN ('base', 'breadth', 'surge', 'bought'), w.kind, w.name, about)) AS subject
FROM
(
    SELECT arrayJoin(JSONExtract(content, 'rows',
        'Array(Tuple(kind String, name String, product String, points Int64, half_life_days Float64, cap_points Int64))')) AS w
    FROM (SELECT content FROM models WHERE name = 'intent' AND version = {weights:String} LIMIT 1)
)
{{- end}}

{{define "subjects" -}}
SELECT subject, cityHash64(kind, name, about) AS key, concat(kind, ':', name) AS driver,
       arraySort(x -> x.1, groupArray((number, toFloat64(points), half_life, cap))) AS worth
FROM weights WHERE kind NOT IN ('base', 'breadth', 'surge', 'bought') GROUP BY subject, kind, name, about
{{- end}}

{{define "read" -}}
SELECT domain FROM scope{{if .Elsewhere}} UNION ALL SELECT domain FROM elsewhere WHERE account IN (SELECT account FROM wanted){{end}}
{{- end}}

{{define "kept" -}}
-- One row for each signal that counts, with its value: strength · confidence · sign. The caller names these relations: scope (domain, account: the
-- domains of the accounts in question, each account a number from 1), elsewhere (domain, url, account: pages that were decided on by address, 0 for
-- nobody's, which wins over the domain's owner), wanted (account: only these are kept), subjects, and regrouped (text_key, group_key). What a store has none of is left out of the statement.
--
-- Syndicated copies of one text count once, on the earliest day (within a day the smallest id, not the first fetch): those with the same
-- span, and of these those whose texts are copies (docs/adr/0010). A technology counts once however many pages show it.
SELECT account, subject, signal_id, value, source, observed{{if .Full}}, url, span{{end}}
FROM
(
    {{- if .Texts}}
    -- Where some of those with one span are copies by their texts, all of them are.
    SELECT *, min(if(copy_of = 0, toUInt64(-1), copy_of)) OVER (PARTITION BY account, subject, text) AS copy
    FROM ({{template "found" .}})
    {{- else}}
    {{template "found" .}}
    {{- end}}
)
{{- if .Elsewhere}}
WHERE account IN (SELECT account FROM wanted)
{{- end}}
ORDER BY account, subject, {{template "same" .}}, toDate(observed), signal_id
LIMIT 1 BY account, subject, {{template "same" .}}
{{- end}}

{{define "same" -}}
{{if .Texts}}if(copy = toUInt64(-1), text, 0), copy{{else}}text{{end}}
{{- end}}

{{define "found" -}}
-- Each signal of a subject, and whose it is.
SELECT {{if .Elsewhere}}if(e.url != '', e.account, d.account){{else}}d.account{{end}} AS account,
       k.subject AS subject, s.signal_id AS signal_id, s.value AS value, s.source AS source, s.observed AS observed{{if .Full}}, s.url AS url, s.span AS span{{end}},
       s.text AS text
       {{- if .Texts}}, if(s.text = 0, 0, t.group_key) AS copy_of{{end}}
FROM
(
    -- As newer rules left it, as far as that was known.
    SELECT m.domain AS domain, cityHash64(m.kind, m.name, if(m.kind = 'topic', m.product, '')) AS key, m.signal_id AS signal_id,
           m.observed_at AS observed, m.source AS source, m.url AS url,{{if .Texts}} sipHash128(m.domain, m.url) AS place,{{end}}
           {{- if .Revised}}
           if(v.revised, toFloat64(v.said.2) * toFloat64(v.said.3) * v.said.4, toFloat64(m.strength) * toFloat64(m.confidence) * m.sign) AS value,
           if(v.revised, v.said.5, m.evidence) AS span,
           {{- else}}
           toFloat64(m.strength) * toFloat64(m.confidence) * m.sign AS value, m.evidence AS span,
           {{- end}}
           if(m.kind = 'technology', 0, sipHash64(lowerUTF8(span))) AS text
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
      {{- if .Gone}} AND m.signal_id NOT IN ({{if .Full}}{{template "gone" .}}{{else}}SELECT signal_id FROM run_gone WHERE run_id = {run_id:String} AND {{.Prune}}{{end}}){{end}}
) AS s
INNER JOIN (SELECT subject, key FROM subjects) AS k ON k.key = s.key
{{if .Elsewhere}}LEFT ANY{{else}}INNER{{end}} JOIN (SELECT domain, account FROM scope) AS d ON d.domain = s.domain
{{- if .Elsewhere}}
LEFT ANY JOIN (SELECT domain, url, account FROM elsewhere) AS e ON e.domain = s.domain AND e.url = s.url
{{- end}}
{{- if .Texts}}
LEFT ANY JOIN ({{template "text_groups" .}}) AS t ON t.place = s.place
{{- end}}
{{- end}}

{{define "elsewhere" -}}
SELECT domain, url, account FROM run_elsewhere WHERE run_id = {run_id:String}
{{- end}}

{{define "text_groups" -}}
-- The text that stood at an address as far as was known, and the group of its copies: the one it was found to belong to, or its own.
SELECT sipHash128(t.domain, t.url) AS place, if(g.group_key != 0, g.group_key, t.text_key) AS group_key
FROM
(
    SELECT domain, url, text_key
    FROM text_rows FINAL
    WHERE {{.Prune}}{{if .Narrow}} AND domain IN ({{template "read" .}}){{end}} AND known_from <= {known_by:DateTime64(3, 'UTC')}
    ORDER BY domain, url, known_from DESC, text_key DESC
    LIMIT 1 BY domain, url
) AS t
LEFT ANY JOIN (SELECT text_key, group_key FROM regrouped) AS g ON g.text_key = t.text_key
{{- end}}

{{define "regrouped" -}}
-- Texts that were found to be copies of others: few of all.
SELECT text_key, argMax(group_key, recorded_at) AS group_key
FROM text_keys
WHERE place >= 262144 AND text_key IN (SELECT text_key FROM text_keys WHERE place >= 262144 AND group_key != text_key)
GROUP BY text_key
{{- end}}

{{define "gone" -}}
-- A technology counts while it is present. It is gone once a read after it was last seen had other content, and one more since then
-- was made: the same rule as the view technologies, up to the run's two times.
SELECT s.signal_id AS signal_id{{if not .Full}}, any(s.domain) AS domain{{end}}
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
    PREWHERE kind = 'technology'
    WHERE {{.Prune}}{{if .Narrow}} AND domain IN ({{template "read" .}}){{end}}
) AS s ON s.domain = r.domain AND s.url = r.url
WHERE r.fetched_at > s.last_seen
GROUP BY s.signal_id
HAVING countIf(NOT r.unchanged) > 0
   AND arrayCount(x -> x >= minIf(r.fetched_at, NOT r.unchanged), groupUniqArray(r.fetched_at)) >= 2
{{- end}}

{{define "day" -}}
{{- /* The day of UTC of a time in milliseconds since 1970, counted from 1840, which is before any. Age is in calendar days: when in a day a page was
fetched, or the run began, says nothing about intent. */ -}}
intDiv({{.}} + 4102444800000, 86400000)
{{- end}}
