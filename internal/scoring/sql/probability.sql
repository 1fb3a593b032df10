{{define "probability" -}}
-- The calibrated probability of a logit e.logit of the product p.product, where the weights have been trained and there is evidence.
if(e.signals > 0 AND transform(p.product, {{template "calibrated"}}, {{template "slopes"}}, 0.) > 0,
   1 / (1 + exp(-(transform(p.product, {{template "calibrated"}}, {{template "slopes"}}, 0.) * e.logit / 1000 + transform(p.product, {{template "calibrated"}}, {{template "offsets"}}, 0.)))), NULL)
{{- end}}
{{define "calibrated"}}JSONExtract(base64Decode({calibrated:String}), 'Array(String)'){{end}}
{{define "slopes"}}JSONExtract(base64Decode({slopes:String}), 'Array(Float64)'){{end}}
{{define "offsets"}}JSONExtract(base64Decode({offsets:String}), 'Array(Float64)'){{end}}
