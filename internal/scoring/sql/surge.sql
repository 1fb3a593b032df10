{{define "weeks" -}}
{{- /* Weeks of the recent window, and of the one before it, that lie after the day of the first read. */ -}}
if({{.}} > toDateTime64(0, 3, 'UTC'), greatest({{template "ended"}} - {{template "day" "toUnixTimestamp64Milli(first_read)"}}, 0), 0) AS days,
least(days, {recent_days:UInt16}) / 7 AS recent_weeks, least(greatest(days - {recent_days:UInt16}, 0), {baseline_days:UInt16}) / 7 AS baseline_weeks
{{- end}}

{{define "surge" -}}
{{- /* intent.SurgeStrength: the tail of the negative binomial distribution. */ -}}
if(e.recent < {surge_minimum:UInt16} OR a.recent_weeks <= 0, 0,
    least(greatest((-log10(greatest(1 - arraySum(k -> exp(lgamma(p.shape + e.baseline + k) - lgamma(p.shape + e.baseline) - lgamma(k + 1)
            + (p.shape + e.baseline) * log((p.rate + a.baseline_weeks) / (p.rate + a.baseline_weeks + a.recent_weeks))
            + k * log1p(-((p.rate + a.baseline_weeks) / (p.rate + a.baseline_weeks + a.recent_weeks)))), range(toUInt32(least(e.recent, 500)))), 1e-6)) - 1) / 2, 0), 1))
{{- end}}
