-- Tables that fit scores were gathered in and that nobody has touched for a day.
SELECT name FROM system.tables
WHERE database = currentDatabase() AND startsWith(name, {prefix:String}) AND metadata_modification_time < now() - toIntervalDay(1)
ORDER BY name
