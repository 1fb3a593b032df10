-- Notes that a step is done, or parts of it, with the rows it wrote.
INSERT INTO run_steps (run_id, step, span, written, asked, bounds, done_at)
SELECT {run_id:String}, '{{.Step}}', p.part, c.written, {asked:String}, {bounds:String}, now64(3, 'UTC')
FROM (SELECT arrayJoin(JSONExtract(base64Decode({spans:String}), 'Array(UInt16)')) AS part) AS p
LEFT JOIN (SELECT toUInt16({{or .Part "0"}}) AS part, count() AS written FROM run_{{.Step}}
           WHERE run_id = {run_id:String}{{with .Part}} AND {{.}} IN (SELECT arrayJoin(JSONExtract(base64Decode({spans:String}), 'Array(UInt16)'))){{end}} GROUP BY part) AS c ON c.part = p.part
