-- The view of what to do next shows the probability of intent that 0013 keeps.

CREATE OR REPLACE VIEW propensity AS
SELECT month, account_id, product, fit_score, fit_rating, intent_score, intent_probability, intent_rating, cell, cluster, segment, motion,
       expiration, expiration_type, expires_on, expiring_revenue, open_expiring_revenue,
       whitespace_revenue, whitespace_level, whitespace_owners, whitespace_basis, drivers, fit_model, intent_model, run_id
FROM propensity_rows FINAL
WHERE (month, run_id) IN (SELECT month, run_id FROM published_runs)
COMMENT 'What to do next, an account, product and month: the published run.';
