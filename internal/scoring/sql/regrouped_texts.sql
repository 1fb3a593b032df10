-- Texts that are copies of others, read once a run.
INSERT INTO run_regrouped (run_id, text_key, group_key)
SELECT {run_id:String}, text_key, group_key FROM ({{template "regrouped"}})
