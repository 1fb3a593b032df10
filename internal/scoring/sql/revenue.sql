-- What comparable owners pay: the median of owners of the same segment, industry and size, shrunk by five owners' weight to the
-- segment's, and that likewise to all owners'. One row for every product, segment, industry and size that occurs, with what it stands on.
INSERT INTO run_revenue (run_id, product, segment, industry, size, estimate, level, owners, basis)
WITH
    5 AS weight,
    payers AS
    (
        SELECT p.product AS product, h.segment AS segment, h.industry AS industry, h.size AS size, assumeNotNull(h.revenue) AS revenue
        FROM (SELECT product, segment, industry, size, revenue FROM run_holdings WHERE run_id = {run_id:String} AND revenue IS NOT NULL) AS h
        INNER JOIN (SELECT number, product FROM run_products WHERE run_id = {run_id:String}) AS p ON p.number = h.product
    ),
    c.owners / (c.owners + weight) AS close_share,
    (1 - close_share) * s.owners / (s.owners + weight) AS segment_share,
    (owners, median, share) -> format('{} at ${} (weight {})', toString(owners), toString(toInt64(round(median))), toString(round(share, 2))) AS said
SELECT
    {run_id:String}, t.product, k.segment, k.industry, k.size,
    (c.owners * c.median + weight * (s.owners * s.median + weight * t.median) / (s.owners + weight)) / (c.owners + weight),
    multiIf(c.owners > 0, 'segment, industry and size', s.owners > 0, 'segment', 'all'),
    multiIf(c.owners > 0, c.owners, s.owners > 0, s.owners, t.owners),
    concat(if(c.owners > 0, concat('segment, industry and size: ', said(c.owners, c.median, close_share), '; '), ''),
           if(s.owners > 0, concat('segment: ', said(s.owners, s.median, segment_share), '; '), ''),
           'all: ', said(t.owners, t.median, 1 - close_share - segment_share))
FROM (SELECT product, count() AS owners, quantileExactInclusive(0.5)(revenue) AS median FROM payers GROUP BY product) AS t
CROSS JOIN (SELECT DISTINCT segment, industry, size FROM run_accounts WHERE run_id = {run_id:String}) AS k
LEFT JOIN
(
    SELECT product, segment, count() AS owners, quantileExactInclusive(0.5)(revenue) AS median
    FROM payers GROUP BY product, segment
) AS s ON s.product = t.product AND s.segment = k.segment
LEFT JOIN
(
    SELECT product, segment, industry, size, count() AS owners, quantileExactInclusive(0.5)(revenue) AS median
    FROM payers GROUP BY product, segment, industry, size
) AS c ON c.product = t.product AND c.segment = k.segment AND c.industry = k.industry AND c.size = k.size
