-- How many accounts are known: it decides how many shards the run is done in.
SELECT toInt64(uniqExact(account_id)) FROM account_rows WHERE known_from <= {known_by:DateTime64(3, 'UTC')}
