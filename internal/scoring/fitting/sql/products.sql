-- The other products that anybody has had by then, the most frequent first: they become features.
SELECT toString(product)
FROM ({{template "holdings"}})
WHERE since < toDate({until:String})
GROUP BY product
ORDER BY uniqExact(account_id) DESC, product
LIMIT 32
