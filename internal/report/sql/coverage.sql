-- How far the crawl has come: accounts of which a page was read, accounts with evidence, domains.
SELECT toInt64(uniqExactIf(account_id, covered)), toInt64(uniqExactIf(account_id, signals > 0)), max(freshest) IS NOT NULL, ifNull(max(freshest), toDateTime64(0, 3, 'UTC'))
FROM intent_score_rows FINAL
WHERE month = toDate({month:String}) AND run_id = {run_id:String}
