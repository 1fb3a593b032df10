-- The matched licences, as the rules found them.
INSERT INTO run_end_of_support (run_id, licence, product)
SELECT {run_id:String}, m.1, m.2
FROM (SELECT arrayJoin(JSONExtract(base64Decode({matches:String}), 'Array(Tuple(String, String))')) AS m)
