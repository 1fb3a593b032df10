-- How an import stands, and the version that says so.
SELECT version, settled
FROM imports
INNER JOIN (SELECT id, version FROM import_rows FINAL) AS latest USING (id)
WHERE id = {id:String}
