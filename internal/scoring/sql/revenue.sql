-- What comparable owners pay: the median of owners of the same segment and industry, shrunk by five owners' weight to the
-- segment's, and that likewise to all owners'. One row for every product, segment and industry that occurs.
INSERT INTO run_revenue (run_id, product, segment, industry, estimate, owners)
WITH
    5 AS weight,
    payers AS
    (
        SELECT h.product AS product, a.segment AS segment, a.industry AS industry, assumeNotNull(h.revenue) AS revenue
        FROM (SELECT account_id, product, revenue FROM run_holdings WHERE run_id = {run_id:String} AND revenue IS NOT NULL) AS h
        INNER JOIN (SELECT account_id, segment, industry FROM run_accounts WHERE run_id = {run_id:String}) AS a ON a.account_id = h.account_id
    )
SELECT
    {run_id:String}, t.product, k.segment, k.industry,
    (c.owners * c.median + weight * (s.owners * s.median + weight * t.median) / (s.owners + weight)) / (c.owners + weight),
    c.owners
FROM (SELECT product, quantileExactInclusive(0.5)(revenue) AS median FROM payers GROUP BY product) AS t
CROSS JOIN (SELECT DISTINCT segment, industry FROM run_accounts WHERE run_id = {run_id:String}) AS k
LEFT JOIN
(
    SELECT product, segment, count() AS owners, quantileExactInclusive(0.5)(revenue) AS median
    FROM payers GROUP BY product, segment
) AS s ON s.product = t.product AND s.segment = k.segment
LEFT JOIN
(
    SELECT product, segment, industry, count() AS owners, quantileExactInclusive(0.5)(revenue) AS median
    FROM payers GROUP BY product, segment, industry
) AS c ON c.product = t.product AND c.segment = k.segment AND c.industry = k.industry
