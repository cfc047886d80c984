-- What remains to be done at Amazon after a call that cannot be undone.
CREATE TABLE follow_ups (
    id TEXT NOT NULL,
    pool_id TEXT NOT NULL,
    username TEXT NOT NULL,
    work TEXT NOT NULL,
    due INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    PRIMARY KEY (id)
) STRICT, WITHOUT ROWID;

CREATE INDEX follow_ups_by_due ON follow_ups (pool_id, due);

-- A machine is in the groups of one tenant.
CREATE INDEX tenants_by_group ON tenants (pool_id, group_name);
CREATE INDEX tenants_by_admin_group ON tenants (pool_id, admin_group);
