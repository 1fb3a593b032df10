-- What a run has done, so that another may go on where its process was killed.

CREATE TABLE IF NOT EXISTS run_steps
(
    run_id  String COMMENT 'Run',
    step    LowCardinality(String) COMMENT 'Step whose rows are whole',
    span    UInt16 COMMENT 'Span of shards, of steps that are done by spans; else 0',
    written UInt64 COMMENT 'Rows it wrote',
    asked   String COMMENT 'Hash of what the run was asked, its two times aside, and of the statements it ran',
    bounds  String COMMENT 'Bounds of the ranges of domains, as JSON in base64; of the step accounts',
    done_at DateTime64(3, 'UTC') COMMENT 'When it was noted'
)
ENGINE = MergeTree
PARTITION BY run_id
ORDER BY (step, span)
COMMENT 'Bench of a running score: its finished steps.';
