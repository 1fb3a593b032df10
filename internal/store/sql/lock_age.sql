-- How long the lock has been held; no row where it is free.
SELECT toFloat64(now() - metadata_modification_time) AS seconds
FROM system.tables
WHERE database = currentDatabase() AND name = 'schema_lock'
