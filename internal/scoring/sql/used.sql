-- Signals used by the run: a signal belongs to one account but may count for several products.
SELECT toInt64(sum(used)) FROM run_evidence WHERE run_id = {run_id:String}
