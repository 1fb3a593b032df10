-- A ledger of imports: a file is stored batch by batch, so one whose import was killed is half there, and nothing else says so.

CREATE TABLE IF NOT EXISTS import_rows
(
    id            String COMMENT 'Import: when it began, by the machine''s clock, and a word of chance',
    version       UInt64 COMMENT 'Nanoseconds of the machine''s clock when this was noted: the highest counts',
    kind          LowCardinality(String) COMMENT 'Kind of file, as telltale import spells it',
    file          String COMMENT 'Name of the file without its directory; - where it was standard input or a pipe',
    state         LowCardinality(String) COMMENT 'running, done (whole, but for rows set aside) or failed',
    partial       Bool COMMENT 'Some of its rows may be stored and others not',
    started_at    DateTime64(3, 'UTC') COMMENT 'When it began: its rows are known from then on, or a moment later',
    began_at      DateTime64(9, 'UTC') COMMENT 'When it began by the machine''s clock, which --as-if does not move',
    finished_at   Nullable(DateTime64(3, 'UTC')) COMMENT 'When it ended; null while it runs or where it was killed',
    rows_read     UInt64 COMMENT 'Rows of the file; 0 until they are counted',
    rows_written  UInt64 COMMENT 'Rows that were new or different and are stored; of an import that was cut off at least so many',
    rows_rejected UInt64 COMMENT 'Bad rows: set aside, or the reason why nothing was stored',
    error         String COMMENT 'Why it failed',
    forgotten_at  Nullable(DateTime64(3, 'UTC')) COMMENT 'When somebody let what it had stored count as it is'
)
ENGINE = ReplacingMergeTree(version)
-- A few rows a month, always read whole.
ORDER BY id
COMMENT 'Imports as they went. Read through the view imports.';

CREATE OR REPLACE VIEW imports AS
SELECT id, kind, file, state, started_at, finished_at, heard_at, rows_read, rows_written, rows_rejected, error, forgotten_at,
       multiIf(state = 'done', 'whole', NOT partial, 'nothing stored', forgotten_at IS NOT NULL, 'by hand', again_from > heard_at, 'imported again', '') AS settled
FROM
(
    SELECT id, kind, file, state, partial, started_at, finished_at, rows_read, rows_written, rows_rejected, error, forgotten_at,
           fromUnixTimestamp64Nano(toInt64(version), 'UTC') AS heard_at
    FROM import_rows FINAL
) AS i
-- The same file once more, whole: begun after the one that was cut off was last heard of, so that the two did not overlap.
LEFT JOIN
(
    SELECT kind, file, max(began_at) AS again_from FROM import_rows FINAL WHERE state = 'done' GROUP BY kind, file
) AS again USING (kind, file)
COMMENT 'One row an import, and whether its file is whole.';
