-- The latest month that has a published run.
SELECT toDateTime64(max(month), 3, 'UTC') FROM published_runs
