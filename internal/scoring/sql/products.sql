-- The products of the weights, with numbers, and what needs no signal: base rates, what independent sources add, and surges.
INSERT INTO run_products (run_id, number, product, base, each, most, surge)
WITH weights AS ({{template "weights"}})
SELECT {run_id:String}, number, product, sumIf(points, kind = 'base'), sumIf(points, kind = 'breadth'), sumIf(cap, kind = 'breadth'), sumIf(points, kind = 'surge')
FROM weights GROUP BY number, product
