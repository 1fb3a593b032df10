-- A model is registered once, by its version, which follows from its content; a later run of the same finds it.
INSERT INTO models (name, product, version, created_at, state, content, metrics)
SELECT {name:String}, '', {version:String}, {now:DateTime64(3, 'UTC')}, 'champion', base64Decode({content:String}), ''
WHERE (SELECT count() FROM models WHERE name = {name:String} AND product = '' AND version = {version:String}) = 0
