-- How many accounts are known: it decides how many shards they are read in.
SELECT toInt64(count()) FROM ({{template "accounts"}})
