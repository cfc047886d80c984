-- Times are milliseconds since 1970-01-01 UTC. Every key starts with the pool, so that the tables
-- can be spread by it; there are no foreign keys: what deletes a record names all that goes with it.

CREATE TABLE user_pools (
    pool_id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    settings TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL
);

CREATE TABLE app_clients (
    pool_id TEXT COLLATE "C" NOT NULL,
    client_id TEXT COLLATE "C" NOT NULL UNIQUE,
    settings TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (pool_id, client_id)
);

CREATE TABLE signing_keys (
    pool_id TEXT COLLATE "C" NOT NULL,
    key_id TEXT COLLATE "C" NOT NULL,
    key_use TEXT COLLATE "C" NOT NULL,
    private_key BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (pool_id, key_id)
);

-- `user_status` and `status` hold what ListUsers calls `cognito:user_status` and `status`.
CREATE TABLE users (
    pool_id TEXT COLLATE "C" NOT NULL,
    sub TEXT COLLATE "C" NOT NULL,
    username TEXT COLLATE "C" NOT NULL,
    username_key TEXT COLLATE "C" NOT NULL,
    user_status TEXT COLLATE "C" NOT NULL,
    status TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    password BYTEA,
    password_set_at BIGINT NOT NULL,
    attributes TEXT COLLATE "C" NOT NULL,
    mfa TEXT COLLATE "C" NOT NULL,
    signed_out_at BIGINT,
    created_at BIGINT NOT NULL,
    modified_at BIGINT NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (pool_id, sub),
    UNIQUE (pool_id, username_key)
);
CREATE INDEX users_by_username ON users (pool_id, username, sub);
CREATE INDEX users_by_user_status ON users (pool_id, user_status, sub);
CREATE INDEX users_by_status ON users (pool_id, status, sub);

CREATE TABLE user_aliases (
    pool_id TEXT COLLATE "C" NOT NULL,
    alias_key TEXT COLLATE "C" NOT NULL,
    sub TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (pool_id, alias_key)
);
CREATE INDEX user_aliases_by_user ON user_aliases (pool_id, sub);

-- The attributes that ListUsers can filter by, in lower case.
CREATE TABLE user_search (
    pool_id TEXT COLLATE "C" NOT NULL,
    field TEXT COLLATE "C" NOT NULL,
    value TEXT COLLATE "C" NOT NULL,
    sub TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (pool_id, field, value, sub)
);
CREATE UNIQUE INDEX user_search_by_user ON user_search (pool_id, sub, field);

CREATE TABLE groups (
    pool_id TEXT COLLATE "C" NOT NULL,
    group_name TEXT COLLATE "C" NOT NULL,
    description TEXT COLLATE "C",
    role_arn TEXT COLLATE "C",
    precedence BIGINT,
    created_at BIGINT NOT NULL,
    modified_at BIGINT NOT NULL,
    PRIMARY KEY (pool_id, group_name)
);

CREATE TABLE memberships (
    pool_id TEXT COLLATE "C" NOT NULL,
    sub TEXT COLLATE "C" NOT NULL,
    group_name TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (pool_id, sub, group_name)
);
CREATE INDEX memberships_by_group ON memberships (pool_id, group_name, sub);

CREATE TABLE sessions (
    pool_id TEXT COLLATE "C" NOT NULL,
    session_id TEXT COLLATE "C" NOT NULL,
    sub TEXT COLLATE "C" NOT NULL,
    client_id TEXT COLLATE "C" NOT NULL,
    auth_time BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    rotation BIGINT NOT NULL,
    rotated_at BIGINT,
    revoked_at BIGINT,
    address TEXT COLLATE "C",
    device_key TEXT COLLATE "C",
    PRIMARY KEY (pool_id, session_id)
);
CREATE INDEX sessions_by_user ON sessions (pool_id, sub, revoked_at);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

CREATE TABLE devices (
    pool_id TEXT COLLATE "C" NOT NULL,
    sub TEXT COLLATE "C" NOT NULL,
    device_key TEXT COLLATE "C" NOT NULL,
    group_key TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C",
    verifier BYTEA NOT NULL,
    remembered BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    modified_at BIGINT NOT NULL,
    last_authenticated_at BIGINT NOT NULL,
    last_address TEXT COLLATE "C",
    version BIGINT NOT NULL,
    PRIMARY KEY (pool_id, sub, device_key)
);

-- Sign-ins in progress whose clients will not send their session back, under a name that only such a
-- client can make.
CREATE TABLE kept_sessions (
    pool_id TEXT COLLATE "C" NOT NULL,
    session_name TEXT COLLATE "C" NOT NULL,
    session BYTEA NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (pool_id, session_name)
);
CREATE INDEX kept_sessions_by_expiry ON kept_sessions (expires_at);

CREATE TABLE spent (
    pool_id TEXT COLLATE "C" NOT NULL,
    spent_id TEXT COLLATE "C" NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (pool_id, spent_id)
);
CREATE INDEX spent_by_expiry ON spent (expires_at);

-- A subject is a user's sub, or the pseudonym of a name that leads to nobody.
CREATE TABLE verification_codes (
    pool_id TEXT COLLATE "C" NOT NULL,
    subject TEXT COLLATE "C" NOT NULL,
    purpose TEXT COLLATE "C" NOT NULL,
    digest TEXT COLLATE "C" NOT NULL,
    contact TEXT COLLATE "C" NOT NULL,
    address TEXT COLLATE "C" NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (pool_id, subject, purpose)
);
CREATE INDEX verification_codes_by_expiry ON verification_codes (expires_at);

CREATE TABLE quotas (
    pool_id TEXT COLLATE "C" NOT NULL,
    subject TEXT COLLATE "C" NOT NULL,
    quota TEXT COLLATE "C" NOT NULL,
    used BIGINT NOT NULL,
    since BIGINT NOT NULL,
    PRIMARY KEY (pool_id, subject, quota)
);
CREATE INDEX quotas_by_age ON quotas (since);

CREATE TABLE lockouts (
    pool_id TEXT COLLATE "C" NOT NULL,
    subject TEXT COLLATE "C" NOT NULL,
    failures BIGINT NOT NULL,
    last_failure_at BIGINT NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (pool_id, subject)
);
CREATE INDEX lockouts_by_age ON lockouts (last_failure_at);

CREATE TABLE outbox (
    pool_id TEXT COLLATE "C" NOT NULL,
    message_id TEXT COLLATE "C" NOT NULL,
    sub TEXT COLLATE "C" NOT NULL,
    channel TEXT COLLATE "C" NOT NULL,
    purpose TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    content BYTEA NOT NULL,
    attempts BIGINT NOT NULL,
    next_attempt_at BIGINT NOT NULL,
    give_up_at BIGINT NOT NULL,
    last_error TEXT COLLATE "C",
    given_up_at BIGINT,
    delivered_at BIGINT,
    PRIMARY KEY (pool_id, message_id)
);
CREATE INDEX outbox_by_due_time ON outbox (next_attempt_at, message_id)
    WHERE given_up_at IS NULL AND delivered_at IS NULL;
CREATE INDEX outbox_by_age ON outbox (created_at, message_id);

CREATE TABLE partners (
    pool_id TEXT COLLATE "C" NOT NULL,
    partner_id TEXT COLLATE "C" NOT NULL,
    settings TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (pool_id, partner_id)
);

CREATE TABLE tenants (
    tenant_key TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    name TEXT COLLATE "C" NOT NULL,
    tenant_id TEXT COLLATE "C" NOT NULL,
    pool_id TEXT COLLATE "C" NOT NULL,
    client_id TEXT COLLATE "C" NOT NULL,
    group_name TEXT COLLATE "C"
);

CREATE TABLE access_keys (
    access_key_id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    secret BYTEA NOT NULL,
    operations TEXT COLLATE "C" NOT NULL,
    pools TEXT COLLATE "C" NOT NULL
);
