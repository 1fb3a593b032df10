-- How many rows this run has of a step.
SELECT toInt64({{or .Part "0"}}) AS part, toInt64(count()) FROM run_{{.Step}} WHERE run_id = {run_id:String} GROUP BY part
