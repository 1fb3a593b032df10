-- What the weights speak of, with numbers, read once a run.
INSERT INTO run_subjects (run_id, subject, key, driver, worth)
WITH weights AS ({{template "weights"}})
SELECT {run_id:String}, subject, key, driver, worth FROM ({{template "subjects"}})
