-- How many fit scores hold.
SELECT toInt64(count()) FROM run_fit WHERE run_id = {run_id:String}
