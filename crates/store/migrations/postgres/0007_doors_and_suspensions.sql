-- At which face a sign-in was made. Sign-ins from before have NULL.
ALTER TABLE sessions ADD COLUMN door TEXT COLLATE "C";

-- Who suspended a user for a partner. A suspended user without a row was suspended by the operator.
CREATE TABLE suspensions (
    pool_id TEXT COLLATE "C" NOT NULL,
    sub TEXT COLLATE "C" NOT NULL,
    partner_id TEXT COLLATE "C" NOT NULL,
    administrator TEXT COLLATE "C" NOT NULL,
    suspended_at BIGINT NOT NULL,
    PRIMARY KEY (pool_id, sub)
);
