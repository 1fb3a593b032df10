-- The products of the weights, with numbers, and what needs no signal: base rates, what independent sources add surges and purchases.
INSERT INTO run_products (run_id, number, product, base, each, most, surge, bought, bought_half_life)
WITH weights AS ({{template "weights"}})
SELECT {run_id:String}, number, product, sumIf(points, kind = 'base'), sumIf(points, kind = 'breadth'), sumIf(cap, kind = 'breadth'), sumIf(points, kind = 'surge'),
       sumIf(points, kind = 'bought'), sumIf(half_life, kind = 'bought')
FROM weights GROUP BY number, product
