-- Whether a calendar was ever loaded.
SELECT true AS found FROM end_of_support_rows WHERE checksum = {checksum:String} LIMIT 1
