-- Rows of the run in both tables of scores: they must be as many as accounts times products, each, before it is published.
SELECT
    toInt64((SELECT count() FROM intent_score_rows WHERE run_id = {run_id:String} AND month = toDate({month:String}))),
    toInt64((SELECT count() FROM propensity_rows WHERE run_id = {run_id:String} AND month = toDate({month:String})))
