-- About how many accounts are known, and exactly how many where they are few: it decides in how many shards and slices the run is done. The same for the same rows,
-- in whatever order they are read.
SELECT toInt64(uniq(account_id)) FROM account_rows WHERE known_from <= {known_by:DateTime64(3, 'UTC')}
