{{define "rating" -}}
{{- /* The rating of a score by the product's bands, counted from 0, High, to 3, Very Low; 4 is Unknown. */ -}}
multiIf({{.}} >= p.high, 0, {{.}} >= p.medium, 1, {{.}} >= p.low, 2, 3)
{{- end}}
