-- The device that a user's sign-ins are remembered on: one at most.
CREATE TABLE trusted_devices (
    pool_id TEXT NOT NULL,
    sub TEXT NOT NULL,
    digest TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (pool_id, sub)
) STRICT, WITHOUT ROWID;
CREATE INDEX trusted_devices_by_expiry ON trusted_devices (expires_at);

-- Which groups carry which permissions; for one partner, or for each if that is the empty text.
CREATE TABLE permissions (
    pool_id TEXT NOT NULL,
    group_name TEXT NOT NULL,
    partner_id TEXT NOT NULL,
    permission TEXT NOT NULL,
    PRIMARY KEY (pool_id, group_name, partner_id, permission)
) STRICT, WITHOUT ROWID;
