-- How many of the accounts have an imported score that wins over a computed one.
SELECT toInt64(uniqExact(account_id)) FROM fit_score_rows
WHERE product = base64Decode({product:String}) AND imported AND known_from <= {known_by:DateTime64(3, 'UTC')} AND valid_from < toDate({until:String})
