-- The percentile of each logit that occurs among the accounts with evidence for a product: mid-ranks, so that ties share
-- a score and the order of rows cannot matter. Whole numbers until the one division.
INSERT INTO run_ranks (run_id, product, logit, score)
SELECT {run_id:String}, product, logit, toFloat32(100 * (2 * upto - n) / (2 * everyone))
FROM
(
    SELECT product, logit, n,
           sum(n) OVER (PARTITION BY product ORDER BY logit ASC ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS upto,
           sum(n) OVER (PARTITION BY product) AS everyone
    FROM
    (
        SELECT product, logit, toInt64(count()) AS n FROM run_evidence WHERE run_id = {run_id:String} GROUP BY product, logit
    )
)
