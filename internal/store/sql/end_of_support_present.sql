-- Whether a calendar is the one loaded last.
SELECT true AS found FROM (SELECT argMax(checksum, loaded_at) AS present, count() AS n FROM end_of_support_rows) WHERE n > 0 AND present = {checksum:String}
