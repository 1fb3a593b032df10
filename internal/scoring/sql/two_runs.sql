{{define "two_runs" -}}
SELECT month, run_id FROM scoring_runs WHERE run_id IN (base64Decode({from:String}), base64Decode({to:String}))
{{- end}}

{{define "moved" -}}
-- Accounts and products whose cell or cluster differs between two runs, or that only one of them has. Both sides come in the table's order.
SELECT if(b.account_id != '', b.account_id, a.account_id) AS account_id, if(b.account_id != '', b.product, a.product) AS product,
       if(a.account_id = '', '–', if(a.cell = '', a.cluster, concat(a.cluster, ' ', a.cell))) AS was, if(b.account_id = '', '–', if(b.cell = '', b.cluster, concat(b.cluster, ' ', b.cell))) AS is
FROM
(
    SELECT account_id, toString(product) AS product, toString(cell) AS cell, toString(cluster) AS cluster FROM propensity_rows FINAL
    WHERE (month, run_id) IN (SELECT month, run_id FROM scoring_runs WHERE run_id = base64Decode({from:String}))
) AS a
FULL JOIN
(
    SELECT account_id, toString(product) AS product, toString(cell) AS cell, toString(cluster) AS cluster FROM propensity_rows FINAL
    WHERE (month, run_id) IN (SELECT month, run_id FROM scoring_runs WHERE run_id = base64Decode({to:String}))
) AS b ON b.account_id = a.account_id AND b.product = a.product
WHERE was != is
{{- end}}
