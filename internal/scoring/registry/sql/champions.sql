-- Who was made champion, latest first, without those that were retired since: the first is the champion, the next what a rollback goes back to.
SELECT version
FROM
(
    SELECT version, max((decided_at, recorded_at)) AS latest, argMax(state, (decided_at, recorded_at)) AS now
    FROM model_decisions
    WHERE name = {kind:String} AND product = base64Decode({product:String}) AND state IN ('champion', 'retired')
    GROUP BY version
)
WHERE now = 'champion'
ORDER BY latest DESC
