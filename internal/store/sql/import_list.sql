-- Every import, the latest first.
SELECT id, kind, file, state, started_at, finished_at, heard_at, rows_read, rows_written, rows_rejected, error, settled
FROM imports
ORDER BY started_at DESC, id DESC
