-- How many rows this run has of a step.
SELECT {{if eq .Step "evidence"}}toInt64(span){{else}}toInt64(0){{end}} AS part, toInt64(count()) FROM run_{{.Step}} WHERE run_id = {run_id:String} GROUP BY part
