-- Domains that part each partition of signals into ranges of about as many domains; where they lie decides what is done together, never what comes out.
SELECT toJSONString(arrayMap(i -> sorted[intDiv(length(sorted) * i, {ranges:UInt16}) + 1], range(1, {ranges:UInt16})))
FROM (SELECT arraySort(groupArraySample(20000, 1)(domain)) AS sorted FROM account_domains)
