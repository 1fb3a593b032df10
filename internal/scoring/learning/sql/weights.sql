-- Whole weights that a run used, by their id.
SELECT content FROM models FINAL WHERE name = 'intent' AND product = '' AND version = base64Decode({id:String}) LIMIT 1
