-- Technologies that went, of one slice of domains.
INSERT INTO run_gone (run_id, slice, domain, signal_id)
SELECT {run_id:String}, {slice:UInt16}, domain, signal_id FROM ({{template "gone" .}})
{{template "alone"}}
