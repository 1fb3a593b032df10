-- The calibrated probability of intent beside its score, where what to do next is read.

ALTER TABLE propensity_rows
    ADD COLUMN IF NOT EXISTS intent_probability Nullable(Float64) COMMENT 'Calibrated probability, 0–1, that an account with such evidence wins within the horizon trained on; null while the weights are not trained' AFTER intent_score;

ALTER TABLE intent_score_rows
    COMMENT COLUMN IF EXISTS probability 'Calibrated probability, 0–1, that an account with such evidence wins within the horizon trained on; null while the weights are not trained, and without evidence';
