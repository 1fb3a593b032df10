-- Rows of a run against those of its replay: alike, different, only in the run, only in the replay.
SELECT toInt64(countIf(a.account_id != '' AND b.account_id != '' AND a.content = b.content)), toInt64(countIf(a.account_id != '' AND b.account_id != '' AND a.content != b.content)),
       toInt64(countIf(b.account_id = '')), toInt64(countIf(a.account_id = ''))
FROM (SELECT account_id, toString(product) AS product, {{template "content"}} AS content FROM propensity_rows FINAL WHERE month = toDate({month:String}) AND run_id = {from:String}) AS a
FULL JOIN (SELECT account_id, toString(product) AS product, {{template "content"}} AS content FROM propensity_rows FINAL WHERE month = toDate({month:String}) AND run_id = {to:String}) AS b
    ON b.account_id = a.account_id AND b.product = a.product
SETTINGS join_algorithm = 'full_sorting_merge'
{{define "content" -}}
cityHash64(ifNull(fit_score, -1), fit_rating, ifNull(intent_score, -1), ifNull(intent_probability, -1), intent_rating, cell, cluster, segment, motion,
    expiration, expiration_type, ifNull(toString(expires_on), ''), ifNull(expiring_revenue, -1), ifNull(open_expiring_revenue, -1),
    ifNull(whitespace_revenue, -1), whitespace_level, whitespace_owners, whitespace_basis, drivers, fit_model)
{{- end}}
