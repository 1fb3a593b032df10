-- How many signals a re-extraction would change, by change and kind.
SELECT change, kind, count() AS n FROM reextract_changes WHERE run_id = {run_id:String} GROUP BY change, kind ORDER BY change, kind
