-- Notes that a step is done, with the rows it wrote.
INSERT INTO run_steps (run_id, step, span, written, asked, bounds, done_at)
SELECT {run_id:String}, '{{.Step}}', {{if eq .Step "evidence"}}span{{else}}0{{end}}, count(), {asked:String}, {bounds:String}, now64(3, 'UTC')
FROM run_{{.Step}}
WHERE run_id = {run_id:String}
{{- if eq .Step "evidence"}} AND span IN (SELECT arrayJoin(JSONExtract(base64Decode({spans:String}), 'Array(UInt16)'))) GROUP BY span{{end}}
