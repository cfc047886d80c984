-- Times are milliseconds since 1970-01-01 UTC. Every key starts with the pool, so that the tables
-- can be spread by it; there are no foreign keys: what deletes a record names all that goes with it.
-- Tables of short rows are WITHOUT ROWID: their primary key is the table.

CREATE TABLE user_pools (
    pool_id TEXT NOT NULL PRIMARY KEY,
    settings TEXT NOT NULL,
    version INTEGER NOT NULL
) STRICT;

CREATE TABLE app_clients (
    pool_id TEXT NOT NULL,
    client_id TEXT NOT NULL UNIQUE,
    settings TEXT NOT NULL,
    version INTEGER NOT NULL,
    PRIMARY KEY (pool_id, client_id)
) STRICT;

CREATE TABLE signing_keys (
    pool_id TEXT NOT NULL,
    key_id TEXT NOT NULL,
    key_use TEXT NOT NULL,
    private_key BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (pool_id, key_id)
) STRICT;

-- `user_status` and `status` hold what ListUsers calls `cognito:user_status` and `status`.
CREATE TABLE users (
    pool_id TEXT NOT NULL,
    sub TEXT NOT NULL,
    username TEXT NOT NULL,
    username_key TEXT NOT NULL,
    user_status TEXT NOT NULL,
    status TEXT NOT NULL,
    kind TEXT NOT NULL,
    password BLOB,
    password_set_at INTEGER NOT NULL,
    attributes TEXT NOT NULL,
    mfa TEXT NOT NULL,
    signed_out_at INTEGER,
    created_at INTEGER NOT NULL,
    modified_at INTEGER NOT NULL,
    version INTEGER NOT NULL,
    PRIMARY KEY (pool_id, sub),
    UNIQUE (pool_id, username_key)
) STRICT;
CREATE INDEX users_by_username ON users (pool_id, username, sub);
CREATE INDEX users_by_user_status ON users (pool_id, user_status, sub);
CREATE INDEX users_by_status ON users (pool_id, status, sub);

CREATE TABLE user_aliases (
    pool_id TEXT NOT NULL,
    alias_key TEXT NOT NULL,
    sub TEXT NOT NULL,
    PRIMARY KEY (pool_id, alias_key)
) STRICT, WITHOUT ROWID;
CREATE INDEX user_aliases_by_user ON user_aliases (pool_id, sub);

-- The attributes that ListUsers can filter by, in lower case.
CREATE TABLE user_search (
    pool_id TEXT NOT NULL,
    field TEXT NOT NULL,
    value TEXT NOT NULL,
    sub TEXT NOT NULL,
    PRIMARY KEY (pool_id, field, value, sub)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX user_search_by_user ON user_search (pool_id, sub, field);

CREATE TABLE groups (
    pool_id TEXT NOT NULL,
    group_name TEXT NOT NULL,
    description TEXT,
    role_arn TEXT,
    precedence INTEGER,
    created_at INTEGER NOT NULL,
    modified_at INTEGER NOT NULL,
    PRIMARY KEY (pool_id, group_name)
) STRICT;

CREATE TABLE memberships (
    pool_id TEXT NOT NULL,
    sub TEXT NOT NULL,
    group_name TEXT NOT NULL,
    PRIMARY KEY (pool_id, sub, group_name)
) STRICT, WITHOUT ROWID;
CREATE INDEX memberships_by_group ON memberships (pool_id, group_name, sub);

CREATE TABLE sessions (
    pool_id TEXT NOT NULL,
    session_id TEXT NOT NULL,
    sub TEXT NOT NULL,
    client_id TEXT NOT NULL,
    auth_time INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    rotation INTEGER NOT NULL,
    rotated_at INTEGER,
    revoked_at INTEGER,
    address TEXT,
    device_key TEXT,
    PRIMARY KEY (pool_id, session_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_by_user ON sessions (pool_id, sub, revoked_at);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

CREATE TABLE devices (
    pool_id TEXT NOT NULL,
    sub TEXT NOT NULL,
    device_key TEXT NOT NULL,
    group_key TEXT NOT NULL,
    name TEXT,
    verifier BLOB NOT NULL,
    remembered INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    modified_at INTEGER NOT NULL,
    last_authenticated_at INTEGER NOT NULL,
    last_address TEXT,
    version INTEGER NOT NULL,
    PRIMARY KEY (pool_id, sub, device_key)
) STRICT;

-- Sign-ins in progress whose clients will not send their session back, under a name that only such a
-- client can make.
CREATE TABLE kept_sessions (
    pool_id TEXT NOT NULL,
    session_name TEXT NOT NULL,
    session BLOB NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (pool_id, session_name)
) STRICT;
CREATE INDEX kept_sessions_by_expiry ON kept_sessions (expires_at);

CREATE TABLE spent (
    pool_id TEXT NOT NULL,
    spent_id TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (pool_id, spent_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX spent_by_expiry ON spent (expires_at);

-- A subject is a user's sub, or the pseudonym of a name that leads to nobody.
CREATE TABLE verification_codes (
    pool_id TEXT NOT NULL,
    subject TEXT NOT NULL,
    purpose TEXT NOT NULL,
    digest TEXT NOT NULL,
    contact TEXT NOT NULL,
    address TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (pool_id, subject, purpose)
) STRICT, WITHOUT ROWID;
CREATE INDEX verification_codes_by_expiry ON verification_codes (expires_at);

CREATE TABLE quotas (
    pool_id TEXT NOT NULL,
    subject TEXT NOT NULL,
    quota TEXT NOT NULL,
    used INTEGER NOT NULL,
    since INTEGER NOT NULL,
    PRIMARY KEY (pool_id, subject, quota)
) STRICT, WITHOUT ROWID;
CREATE INDEX quotas_by_age ON quotas (since);

CREATE TABLE lockouts (
    pool_id TEXT NOT NULL,
    subject TEXT NOT NULL,
    failures INTEGER NOT NULL,
    last_failure_at INTEGER NOT NULL,
    version INTEGER NOT NULL,
    PRIMARY KEY (pool_id, subject)
) STRICT, WITHOUT ROWID;
CREATE INDEX lockouts_by_age ON lockouts (last_failure_at);

CREATE TABLE outbox (
    pool_id TEXT NOT NULL,
    message_id TEXT NOT NULL,
    sub TEXT NOT NULL,
    channel TEXT NOT NULL,
    purpose TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    content BLOB NOT NULL,
    attempts INTEGER NOT NULL,
    next_attempt_at INTEGER NOT NULL,
    give_up_at INTEGER NOT NULL,
    last_error TEXT,
    given_up_at INTEGER,
    delivered_at INTEGER,
    PRIMARY KEY (pool_id, message_id)
) STRICT;
CREATE INDEX outbox_by_due_time ON outbox (next_attempt_at, message_id)
    WHERE given_up_at IS NULL AND delivered_at IS NULL;
CREATE INDEX outbox_by_age ON outbox (created_at, message_id);

CREATE TABLE partners (
    pool_id TEXT NOT NULL,
    partner_id TEXT NOT NULL,
    settings TEXT NOT NULL,
    PRIMARY KEY (pool_id, partner_id)
) STRICT;

CREATE TABLE tenants (
    tenant_key TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    tenant_id TEXT NOT NULL,
    pool_id TEXT NOT NULL,
    client_id TEXT NOT NULL,
    group_name TEXT
) STRICT;

CREATE TABLE access_keys (
    access_key_id TEXT NOT NULL PRIMARY KEY,
    secret BLOB NOT NULL,
    operations TEXT NOT NULL,
    pools TEXT NOT NULL
) STRICT;
