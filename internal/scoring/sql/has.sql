-- What the store has any of: statements leave out what it has none of.
SELECT (SELECT count() FROM run_attributions WHERE run_id = {run_id:String}) > 0, (SELECT count() FROM text_rows) > 0, (SELECT count() FROM revision_rows) > 0
