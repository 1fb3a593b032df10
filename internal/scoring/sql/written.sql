-- Rows of the run that wait for both tables of scores: they must be as many as accounts times products, each, before it is published.
SELECT
    toInt64((SELECT count() FROM run_intent WHERE run_id = {run_id:String} AND month = toDate({month:String}))),
    toInt64((SELECT count() FROM run_propensity WHERE run_id = {run_id:String} AND month = toDate({month:String})))
