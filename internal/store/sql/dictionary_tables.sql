-- Tables and views with what they say of themselves.
SELECT name, engine, comment, partition_key, sorting_key, as_select,
       extract(engine_full, 'TTL (.*?)(?: SETTINGS |$)') AS ttl
FROM system.tables
WHERE database = currentDatabase() AND name != 'schema_lock'
ORDER BY name
