-- What there is to judge: since when accounts are known, how many there are, and which days opportunities closed on.
SELECT (SELECT min(known_from) FROM account_rows), toInt64((SELECT uniqExact(account_id) FROM account_rows)),
       toInt64((SELECT count() FROM opportunities WHERE outcome IN ('won', 'lost') AND ({product:String} = '' OR product = base64Decode({product:String}))))
