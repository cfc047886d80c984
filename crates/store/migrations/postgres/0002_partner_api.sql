-- The device that a user's sign-ins are remembered on: one at most.
CREATE TABLE trusted_devices (
    pool_id TEXT COLLATE "C" NOT NULL,
    sub TEXT COLLATE "C" NOT NULL,
    digest TEXT COLLATE "C" NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (pool_id, sub)
);
CREATE INDEX trusted_devices_by_expiry ON trusted_devices (expires_at);

-- Which groups carry which permissions; for one partner, or for each if that is the empty text.
CREATE TABLE permissions (
    pool_id TEXT COLLATE "C" NOT NULL,
    group_name TEXT COLLATE "C" NOT NULL,
    partner_id TEXT COLLATE "C" NOT NULL,
    permission TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (pool_id, group_name, partner_id, permission)
);
