-- Files of which some rows may be stored and others not, and which of those would count, the earliest first.
SELECT id, kind, file, state, started_at, heard_at, toInt64(rows_written)
FROM imports
WHERE settled = '' AND started_at <= {known_by:DateTime64(3, 'UTC')}
ORDER BY started_at, id
