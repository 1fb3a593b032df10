-- The accounts of one span, when each was first read, and its latest purchases.
SELECT a.number, a.first_read, p.product, p.age
FROM (SELECT number, first_read FROM run_accounts WHERE run_id = {run_id:String} AND shard BETWEEN {first:UInt16} AND {last:UInt16}) AS a
LEFT JOIN (SELECT account, product, age FROM run_purchases WHERE run_id = {run_id:String} AND shard BETWEEN {first:UInt16} AND {last:UInt16}) AS p ON p.account = a.number
ORDER BY a.number, p.product
