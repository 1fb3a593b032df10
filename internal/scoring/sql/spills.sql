{{define "spills" -}}
{{- /* Statements about all accounts at once: what joins hold goes to disk rather than grow with their number. */ -}}
SETTINGS join_algorithm = 'grace_hash', max_bytes_in_join = 134217728
{{- end}}
