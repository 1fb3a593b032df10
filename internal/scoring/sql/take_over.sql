-- Takes over the rows of a finished step under this run's id.
INSERT INTO run_{{.Step}}
SELECT * REPLACE ({run_id:String} AS run_id) FROM run_{{.Step}} AS dead
WHERE dead.run_id = {from:String}{{with .Part}} AND {{.}} IN (SELECT arrayJoin(JSONExtract(base64Decode({spans:String}), 'Array(UInt16)'))){{end}}
