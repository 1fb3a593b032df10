-- One more version of an import's row, settled by hand; what else it says stays.
INSERT INTO import_rows
    (id, version, kind, file, state, partial, started_at, began_at, finished_at, rows_read, rows_written, rows_rejected, error, forgotten_at)
SELECT id, {version:UInt64}, kind, file, state, partial, started_at, began_at, finished_at, rows_read, rows_written, rows_rejected, error,
       {at:DateTime64(3, 'UTC')}
FROM import_rows FINAL
WHERE id = {id:String}
