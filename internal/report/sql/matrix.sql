-- The matrix a run used, by its version.
SELECT content FROM models WHERE name = 'matrix' AND version = {version:String} LIMIT 1
