-- Where a score stands among those of its model and day: how many there are, and how many are higher and as high.
SELECT toInt64(count()), toInt64(countIf(score > toFloat32({score:Float64}))), toInt64(countIf(score = toFloat32({score:Float64})))
FROM
(
    SELECT account_id, argMax(score, known_from) AS score
    FROM fit_score_rows
    WHERE product = base64Decode({product:String}) AND model = base64Decode({model:String})
      AND known_from <= {known_by:DateTime64(3, 'UTC')} AND valid_from = toDate({until:String}) - 1
    GROUP BY account_id
)
