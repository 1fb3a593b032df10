-- A backtest is kept once under a version that follows from its content.
INSERT INTO backtests (product, version, created_at, from_month, to_month, horizon_days, hindsight, content)
SELECT base64Decode({product:String}), {version:String}, {now:DateTime64(3, 'UTC')}, toDate({from:String}), toDate({to:String}), {horizon:UInt16}, {hindsight:Bool}, base64Decode({content:String})
WHERE (SELECT count() FROM backtests WHERE version = {version:String}) = 0
