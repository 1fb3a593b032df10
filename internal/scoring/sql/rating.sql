{{define "rating" -}}
multiIf({{.}} IS NULL, 'Unknown', {{.}} >= {{template "high"}}, 'High', {{.}} >= {{template "medium"}}, 'Medium', {{.}} >= {{template "low"}}, 'Low', 'Very Low')
{{- end}}

{{define "high" -}} if({own:Bool}, {{template "own"}}, JSONExtract(base64Decode({own_high:String}), 'Array(Float64)'), {high:Float64}), {high:Float64}) {{- end}}
{{define "medium" -}} if({own:Bool}, {{template "own"}}, JSONExtract(base64Decode({own_medium:String}), 'Array(Float64)'), {medium:Float64}), {medium:Float64}) {{- end}}
{{define "low" -}} if({own:Bool}, {{template "own"}}, JSONExtract(base64Decode({own_low:String}), 'Array(Float64)'), {low:Float64}), {low:Float64}) {{- end}}
{{/* The bound of a product that has its own; without any such product the condition is constant and costs nothing. */ -}}
{{define "own" -}} transform(toString(p.product), JSONExtract(base64Decode({own_products:String}), 'Array(String)') {{- end}}

{{define "pair" -}}
if({own:Bool} AND has(JSONExtract(base64Decode({own_products:String}), 'Array(String)'), p.product), concat(p.product, '|', fit_rated, '|', intent_rated), concat(fit_rated, '|', intent_rated))
{{- end}}
