-- Whether a model is registered.
SELECT version FROM models WHERE name = {name:String} AND product = {product:String} AND version = {version:String} LIMIT 1
