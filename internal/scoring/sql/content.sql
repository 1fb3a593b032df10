-- The content of a model by its version.
SELECT content FROM models FINAL WHERE name = {name:String} AND product = '' AND version = {version:String} LIMIT 1
