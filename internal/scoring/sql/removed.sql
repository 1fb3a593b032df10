-- What a run stood on that is no longer stored: signals it names, and of how many accounts; accounts; fit scores. With the first accounts concerned.
WITH
    rows AS (SELECT account_id, toString(product) AS product, toString(fit_model) AS fit_model, drivers FROM propensity_rows FINAL WHERE month = toDate({month:String}) AND run_id = {from:String}),
    named AS (SELECT DISTINCT account_id, arrayJoin(arrayFlatten(drivers.signal_ids)) AS id FROM rows),
    gone AS (SELECT account_id, id FROM named WHERE id NOT IN (SELECT signal_id FROM signal_rows)),
    lost AS (SELECT DISTINCT account_id FROM rows WHERE account_id NOT IN (SELECT account_id FROM account_rows)),
    unfitted AS (SELECT account_id FROM rows WHERE fit_model != '' AND (account_id, product, fit_model) NOT IN (SELECT account_id, toString(product), toString(model) FROM fit_score_rows))
SELECT toInt64((SELECT uniqExact(id) FROM gone)), toInt64((SELECT uniqExact(account_id) FROM gone)), toInt64((SELECT count() FROM lost)), toInt64((SELECT count() FROM unfitted)),
       toJSONString((SELECT arraySlice(arraySort(groupUniqArray(account_id)), 1, 20) FROM (SELECT account_id FROM gone UNION ALL SELECT account_id FROM lost UNION ALL SELECT account_id FROM unfitted)))
