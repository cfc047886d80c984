-- What remains to be done at Amazon after a call that cannot be undone.
CREATE TABLE follow_ups (
    id TEXT COLLATE "C" NOT NULL,
    pool_id TEXT COLLATE "C" NOT NULL,
    username TEXT COLLATE "C" NOT NULL,
    work TEXT COLLATE "C" NOT NULL,
    due BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    PRIMARY KEY (id)
);

CREATE INDEX follow_ups_by_due ON follow_ups (pool_id, due);

-- A machine is in the groups of one tenant.
CREATE INDEX tenants_by_group ON tenants (pool_id, group_name);
CREATE INDEX tenants_by_admin_group ON tenants (pool_id, admin_group);
