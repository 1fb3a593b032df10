-- Taking the lock: creating a table is atomic, and fails with code 57 where it exists.
CREATE TABLE schema_lock (held Bool) ENGINE = Null
