{{define "best" -}}
-- The best customers of the product: those that were named; where none were, those that stayed (a subscription that began a year ago or
-- more runs still, or it was bought in each of the last two years) or grew (more seats run than ran a quarter ago). Never the largest as such.
SELECT account_id FROM best_customers
WHERE product = base64Decode({product:String}) AND known_from <= {known_by:DateTime64(3, 'UTC')}
UNION DISTINCT
SELECT account_id FROM
(
    SELECT account_id,
           min(since) <= toDate({until:String}) - 365 AND max(till) >= toDate({until:String}) AS stayed,
           sumIf(taken, since < toDate({until:String}) AND till >= toDate({until:String})) AS now,
           sumIf(taken, since < toDate({until:String}) - 91 AND till >= toDate({until:String}) - 91) AS before
    FROM
    (
        SELECT account_id, sku, start AS since, agreement_id,
               argMax((ifNull(end, toDate('2149-06-06')), ifNull(seats, toUInt32(0))), known_from) AS v, tupleElement(v, 1) AS till, tupleElement(v, 2) AS taken
        FROM subscription_rows
        WHERE product = base64Decode({product:String}) AND known_from <= {known_by:DateTime64(3, 'UTC')} AND start < toDate({until:String})
        GROUP BY account_id, sku, start, agreement_id
    )
    GROUP BY account_id
    HAVING stayed OR (before > 0 AND now > before)
)
WHERE (SELECT count() FROM best_customers WHERE product = base64Decode({product:String}) AND known_from <= {known_by:DateTime64(3, 'UTC')}) = 0
UNION DISTINCT
SELECT account_id FROM
(
    SELECT account_id, date, amount, ordinal
    FROM transaction_rows
    WHERE product = base64Decode({product:String}) AND date < toDate({until:String}) AND date >= toDate({until:String}) - 730
    GROUP BY account_id, date, amount, ordinal
    HAVING min(known_from) <= {known_by:DateTime64(3, 'UTC')}
)
WHERE (SELECT count() FROM best_customers WHERE product = base64Decode({product:String}) AND known_from <= {known_by:DateTime64(3, 'UTC')}) = 0
GROUP BY account_id
HAVING sumIf(amount, date >= toDate({until:String}) - 365) > 0 AND sumIf(amount, date < toDate({until:String}) - 365) > 0
{{- end}}

{{define "customers" -}}
-- Every best customer, and of the other accounts as many as fit, drawn by a hash of their ids.
SELECT account_id, toDate({until:String}) AS at, toDate(0) AS closed, account_id IN ({{template "best"}}) AS won
FROM known
WHERE won OR sipHash64('fit', account_id) % 1000000 < {keep:UInt32}
{{- end}}

{{define "opportunities" -}}
-- Opportunities that ended, each with the day it was opened: only what was there before counts.
SELECT account_id, created AS at, tupleElement(v, 2) AS closed, tupleElement(v, 1) = 'won' AS won
FROM
(
    SELECT account_id, created, ordinal, argMax((outcome, ifNull(closed, toDate(0))), known_from) AS v
    FROM opportunity_rows
    WHERE product = base64Decode({product:String}) AND known_from <= {known_by:DateTime64(3, 'UTC')} AND sipHash64('fit', account_id) % 1000000 < {keep:UInt32}
    GROUP BY account_id, created, ordinal
)
WHERE tupleElement(v, 1) IN ('won', 'lost') AND tupleElement(v, 2) < toDate({until:String}) AND tupleElement(v, 2) > toDate(0)
{{- end}}

{{define "everyone" -}}
-- One shard of all accounts, to score.
SELECT account_id, toDate({until:String}) AS at, toDate(0) AS closed, false AS won
FROM known
WHERE sipHash64('fit', account_id) % {shards:UInt32} = {shard:UInt32}
{{- end}}

{{define "one" -}}
-- One account, to explain.
SELECT account_id, toDate({until:String}) AS at, toDate(0) AS closed, false AS won
FROM known
WHERE account_id = base64Decode({account:String})
{{- end}}

{{define "examples" -}}
{{if eq .Examples "customers"}}{{template "customers"}}{{else if eq .Examples "opportunities"}}{{template "opportunities"}}{{else if eq .Examples "one"}}{{template "one"}}{{else}}{{template "everyone"}}{{end}}
{{- end}}
