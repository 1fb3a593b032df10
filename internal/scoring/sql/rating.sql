{{define "rating" -}}
multiIf({{.}} IS NULL, 'Unknown', {{.}} >= {high:Float64}, 'High', {{.}} >= {medium:Float64}, 'Medium', {{.}} >= {low:Float64}, 'Low', 'Very Low')
{{- end}}
