-- How many accounts there are to score.
SELECT toInt64(count()) FROM run_accounts WHERE run_id = {run_id:String}
