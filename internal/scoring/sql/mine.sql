-- The state of one run as the store has it.
SELECT state FROM scoring_run_rows FINAL WHERE run_id = {run_id:String}
