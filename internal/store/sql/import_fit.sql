-- The latest version of each fit score of some accounts.
SELECT account_id, product, valid_from, model, imported, score, probability
FROM fit_score_rows
WHERE account_id IN {accounts:Array(String)}
ORDER BY account_id, product, valid_from, model, known_from DESC
LIMIT 1 BY account_id, product, valid_from, model
