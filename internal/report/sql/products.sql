-- Accounts by product and pair of ratings.
SELECT product, fit_rating, intent_rating, toInt64(count())
FROM propensity_rows FINAL
WHERE month = toDate({month:String}) AND run_id = {run_id:String}
GROUP BY product, fit_rating, intent_rating
ORDER BY product, fit_rating, intent_rating
