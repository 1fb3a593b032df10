-- How much is said of a product a week, over the accounts of one span and so about of all: a gamma distribution by its moments (intent.SurgeSample). A span is a share of
-- the domains by their hash, as good as any.
INSERT INTO run_priors (run_id, number, shape, rate)
WITH
    {{template "driven" .}},
    watched AS (SELECT account, {{template "weeks" "first_read"}} FROM wanted WHERE baseline_weeks > 0),
    (SELECT (count(), sum(baseline_weeks)) FROM watched) AS whole
SELECT {run_id:String}, number, shape, shape / greatest(mean * whole.1 / greatest(whole.2, 1), 0.001)
FROM
(
    SELECT b.number AS number, toFloat64(c.said) / greatest(whole.1, 1) AS mean, toFloat64(c.squared) / greatest(whole.1, 1) - mean * mean AS variance,
           -- As even as a Poisson count where nothing shows more spread; with next to nothing said, a little weight.
           multiIf(c.said < 10, 0.5, variance <= mean, 50, greatest(least(mean * mean / (variance - mean), 50), 0.05)) AS shape
    FROM (SELECT number FROM run_products WHERE run_id = {run_id:String}) AS b
    LEFT JOIN
    (
        SELECT product, sum(n) AS said, sum(n * n) AS squared
        FROM (SELECT account, product, toInt64(sum(baseline)) AS n FROM driven WHERE account IN (SELECT account FROM watched) GROUP BY account, product)
        GROUP BY product
    ) AS c ON c.product = b.number
)
{{template "alone"}}
