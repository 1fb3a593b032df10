-- What a run had done.
SELECT step, toInt64(span), toInt64(max(written)), max(bounds) FROM run_steps WHERE run_id = {from:String} GROUP BY step, span ORDER BY step, span
