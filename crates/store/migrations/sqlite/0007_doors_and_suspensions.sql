-- At which face a sign-in was made. Sign-ins from before have NULL.
ALTER TABLE sessions ADD COLUMN door TEXT;

-- Who suspended a user for a partner. A suspended user without a row was suspended by the operator.
CREATE TABLE suspensions (
    pool_id TEXT NOT NULL,
    sub TEXT NOT NULL,
    partner_id TEXT NOT NULL,
    administrator TEXT NOT NULL,
    suspended_at INTEGER NOT NULL,
    PRIMARY KEY (pool_id, sub)
) STRICT, WITHOUT ROWID;
