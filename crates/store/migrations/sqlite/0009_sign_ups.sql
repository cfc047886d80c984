-- Users who signed up themselves and have not proven anything yet: until when they have time to. The
-- row of one who has is found and removed then.

CREATE TABLE sign_ups (
    pool_id TEXT NOT NULL,
    sub TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (pool_id, sub)
) STRICT, WITHOUT ROWID;
CREATE INDEX sign_ups_by_expiry ON sign_ups (expires_at);
