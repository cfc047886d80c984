-- Users who signed up themselves and have not proven anything yet: until when they have time to. The
-- row of one who has is found and removed then.

CREATE TABLE sign_ups (
    pool_id TEXT COLLATE "C" NOT NULL,
    sub TEXT COLLATE "C" NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (pool_id, sub)
);
CREATE INDEX sign_ups_by_expiry ON sign_ups (expires_at);
