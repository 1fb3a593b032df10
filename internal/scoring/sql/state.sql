-- One more version of a run's row; the highest version counts.
INSERT INTO scoring_run_rows
    (run_id, version, month, state, as_of, known_by, started_at, finished_at, intent_model, matrix, segments, calendar, fiscal_year_start, prefer_computed_fit,
     accounts, signals, rows, error)
SELECT {run_id:String}, {version:UInt64}, toDate({month:String}), {state:String},
       {as_of:DateTime64(3, 'UTC')}, {known_by:DateTime64(3, 'UTC')}, {started:DateTime64(3, 'UTC')},
       if({finished:String} = '', NULL, parseDateTime64BestEffort({finished:String}, 3, 'UTC')),
       {weights:String}, {matrix:String}, {segments:String}, {calendar:String}, {fiscal_year_start:UInt8}, {computed_first:Bool},
       {accounts:UInt64}, {signals:UInt64}, {rows:UInt64}, base64Decode({error:String})
