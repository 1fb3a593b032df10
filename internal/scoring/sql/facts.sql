-- What there is to score: accounts as of the run, products with a fit, and signals to come.
SELECT
    toInt64((SELECT count() FROM run_accounts WHERE run_id = {run_id:String})),
    toInt64((SELECT uniqExact(product) FROM fit_score_rows
             WHERE known_from <= {known_by:DateTime64(3, 'UTC')} AND valid_from <= toDate({as_of:DateTime64(3, 'UTC')})
               AND has(JSONExtract(base64Decode({products:String}), 'Array(String)'), product)))
