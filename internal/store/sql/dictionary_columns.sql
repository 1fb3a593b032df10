-- Columns in the order of their table.
SELECT table, name, type, comment
FROM system.columns
WHERE database = currentDatabase() AND table != 'schema_lock'
ORDER BY table, position
