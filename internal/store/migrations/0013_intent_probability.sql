-- The calibrated probability of intent beside its score, where what to do next is read.

ALTER TABLE propensity_rows
    ADD COLUMN IF NOT EXISTS intent_probability Nullable(Float64) COMMENT 'Calibrated probability, 0–1, that an account with such evidence wins within the horizon trained on; null while the weights are not trained' AFTER intent_score;

ALTER TABLE intent_score_rows
    COMMENT COLUMN IF EXISTS probability 'Calibrated probability, 0–1, that an account with such evidence wins within the horizon trained on; null while the weights are not trained, and without evidence';

CREATE OR REPLACE VIEW propensity AS
SELECT month, account_id, product, fit_score, fit_rating, intent_score, intent_probability, intent_rating, cell, cluster, segment, motion,
       whitespace_revenue, drivers, fit_model, intent_model, run_id
FROM propensity_rows FINAL
WHERE (month, run_id) IN (SELECT month, run_id FROM published_runs)
COMMENT 'What to do next, an account, product and month: the published run.';
