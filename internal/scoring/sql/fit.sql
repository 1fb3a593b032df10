{{define "fit" -}}
-- The fit score that holds as of the run: imported before computed (unless told otherwise), the latest valid day, the
-- latest knowledge, the model's name.
SELECT account_id, product,
       argMin((score, model), (imported = {computed_first:Bool}, -toInt64(valid_from), -toUnixTimestamp64Milli(known_from), model)) AS held,
       tupleElement(held, 1) AS fitted, tupleElement(held, 2) AS fitter
FROM fit_score_rows
WHERE known_from <= {known_by:DateTime64(3, 'UTC')} AND valid_from <= toDate({as_of:DateTime64(3, 'UTC')})
{{- end}}
