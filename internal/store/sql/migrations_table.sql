-- One row a migration that was applied to its end.
CREATE TABLE IF NOT EXISTS schema_migrations
(
    version    UInt32 COMMENT 'Number of the migration, from its file name',
    name       String COMMENT 'File name',
    checksum   String COMMENT 'SHA-256 of the file, in hex',
    applied_at DateTime64(3, 'UTC') COMMENT 'When it was applied'
)
ENGINE = ReplacingMergeTree
-- A handful of rows, read as a whole.
ORDER BY version
COMMENT 'The migrations that were applied'
