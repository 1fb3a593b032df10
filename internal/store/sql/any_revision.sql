-- Whether newer rules said anything of the signals of some domains.
SELECT true AS found FROM revision_rows WHERE domain IN {domains:Array(String)} LIMIT 1
