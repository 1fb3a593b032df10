-- A run keeps all that decides its rows, so that a replay needs nothing of the program that replays it.

ALTER TABLE scoring_run_rows
    ADD COLUMN IF NOT EXISTS segments LowCardinality(String) COMMENT 'Version of the segments; empty where the run is older than this column: not kept, as are the three that follow',
    ADD COLUMN IF NOT EXISTS calendar LowCardinality(String) COMMENT 'Version of the calendar of ends of support; empty where not kept',
    ADD COLUMN IF NOT EXISTS fiscal_year_start UInt8 COMMENT 'Month in which the fiscal year begins, 1 to 12; 0 where not kept',
    ADD COLUMN IF NOT EXISTS prefer_computed_fit Nullable(Bool) COMMENT 'Whether a computed fit won over an imported one; null where not kept';

CREATE OR REPLACE VIEW scoring_runs AS
SELECT run_id, month, state, as_of, known_by, started_at, finished_at, intent_model, matrix, segments, calendar, fiscal_year_start, prefer_computed_fit,
       accounts, signals, rows, error
FROM scoring_run_rows FINAL
COMMENT 'One row a run.';

ALTER TABLE models COMMENT COLUMN IF EXISTS name 'Model family: intent, fit, matrix, segments or calendar';
ALTER TABLE models MODIFY COMMENT 'All weights, matrices, segments and calendars that a run used, so that it can be replayed, and the models learned.';

-- The contract's column stays; what it says is stated.
ALTER TABLE fit_scores MODIFY COMMENT 'The fit score that holds now, an account and product: imported before computed, then the latest. Its band is by the default bands: what a run made of a score by its own matrix is propensity.fit_rating.';
