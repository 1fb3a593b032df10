-- The products by their numbers, with the weights that need no signal.
SELECT number, base, each, most, surge, bought, bought_half_life FROM run_products WHERE run_id = {run_id:String} ORDER BY number
