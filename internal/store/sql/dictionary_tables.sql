-- Tables and views with what they say of themselves; materialized views are ways in, read by nobody.
SELECT name, engine, comment, partition_key, sorting_key, as_select,
       extract(engine_full, 'TTL (.*?)(?: SETTINGS |$)') AS ttl
FROM system.tables
WHERE database = currentDatabase() AND name != 'schema_lock' AND engine != 'MaterializedView'
ORDER BY name
