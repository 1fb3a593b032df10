-- Coverage, freshness and an interval beside each score. Worked out where it is read: the run writes a row for every account and product, and
-- a person reads a few of them.

CREATE OR REPLACE VIEW intent_intervals AS
WITH
    placed AS
    (
        SELECT month, run_id, account_id, product, logit, score, signals, sources, freshest, covered, probability,
               toInt64(round(1.645 * sqrt(arraySum(d -> if(startsWith(d.1, 'base:'), 0., d.2 * d.2 / greatest(length(d.3), 1)), drivers)))) AS margin,
               logit - margin AS low, logit + margin AS high
        FROM intent_score_rows FINAL
        WHERE signals > 0 AND (month, run_id) IN (SELECT month, run_id FROM published_runs)
    ),
    -- Of each logit that occurs: twice the accounts below it with those that have it counted once, and twice those up to it.
    places AS
    (
        SELECT month, run_id, product, logit, n,
               toInt64(sum(n) OVER (PARTITION BY month, run_id, product ORDER BY logit ASC ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)) AS upto,
               toInt64(sum(n) OVER (PARTITION BY month, run_id, product)) AS everyone
        FROM
        (
            SELECT month, run_id, product, logit, toInt64(count()) AS n
            FROM intent_score_rows FINAL
            WHERE signals > 0 AND (month, run_id) IN (SELECT month, run_id FROM published_runs)
            GROUP BY month, run_id, product, logit
        )
    )
SELECT p.month AS month, p.account_id AS account_id, p.product AS product, p.logit AS logit, p.margin AS margin, p.score AS score,
       if(l.everyone = 0, 0., 100 * (2 * l.upto - if(l.logit = p.low, l.n, 0)) / (2 * l.everyone)) AS score_low,
       100 * (2 * h.upto - if(h.logit = p.high, h.n, 0)) / (2 * h.everyone) AS score_high,
       p.covered AS covered, p.freshest AS freshest, p.signals AS signals, p.sources AS sources, p.probability AS probability, p.run_id AS run_id
FROM placed AS p
ASOF LEFT JOIN places AS l ON l.month = p.month AND l.run_id = p.run_id AND l.product = p.product AND l.logit <= p.low
ASOF LEFT JOIN places AS h ON h.month = p.month AND h.run_id = p.run_id AND h.product = p.product AND h.logit <= p.high
COMMENT 'Intent scores of published runs with their 90 % intervals, coverage and freshness: accounts with evidence.';
