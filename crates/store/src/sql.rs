//! Every SQL text of the crate, in the dialect that SQLite and PostgreSQL read alike.
//!
//! Parameters first appear in ascending order, since SQLite takes `$1` for a name and numbers
//! names as they come. Inserts that may meet an existing row say `ON CONFLICT DO NOTHING`: the
//! number of affected rows then tells what happened, and no error spoils the transaction.

macro_rules! statements {
    ($($name:ident = $sql:expr;)+) => {
        $(pub(crate) const $name: &str = $sql;)+

        /// Every statement of this file.
        pub(crate) const ALL: &[&str] = &[$($name),+];

        /// Their names, in the same order.
        #[cfg(test)]
        pub(crate) const NAMES: &[&str] = &[$(stringify!($name)),+];
    };
}

macro_rules! user_columns {
    () => {
        "u.sub, u.username, u.user_status, u.status, u.kind, u.password, u.password_set_at, \
         u.attributes, u.mfa, u.provenance, u.signed_out_at, u.created_at, u.modified_at, u.version"
    };
}

macro_rules! tenant_columns {
    () => {
        "name, tenant_id, pool_id, client_id, group_name, admin_group"
    };
}

macro_rules! device_columns {
    () => {
        "sub, device_key, group_key, name, verifier, remembered, created_at, modified_at, \
         last_authenticated_at, last_address, version"
    };
}

macro_rules! message_columns {
    () => {
        "pool_id, message_id, sub, channel, purpose, created_at, expires_at, content, attempts, \
         next_attempt_at, give_up_at, last_error, given_up_at, delivered_at"
    };
}

macro_rules! expect_user {
    () => {
        "SELECT 1 FROM users WHERE pool_id = $1 AND sub = $2 AND version = $3"
    };
}

macro_rules! expect_group {
    () => {
        "SELECT 1 FROM groups WHERE pool_id = $1 AND group_name = $2"
    };
}

macro_rules! expect_removal {
    () => {
        "SELECT 1 FROM removals \
         WHERE pool_id = $1 AND kind = $2 AND name = $3 AND progress = $4"
    };
}

macro_rules! expect_device {
    () => {
        "SELECT 1 FROM devices \
         WHERE pool_id = $1 AND sub = $2 AND device_key = $3 AND version = $4"
    };
}

// What takes a list: a condition on the column before. Databases differ in how a list is given.

macro_rules! in_json {
    ($list:literal) => {
        concat!(" IN (SELECT value FROM json_each(", $list, "))")
    };
}

macro_rules! in_array {
    ($list:literal) => {
        concat!(" = ANY(", $list, ")")
    };
}

macro_rules! partners_named {
    ($is_in:ident) => {
        concat!(
            "SELECT partner_id, settings FROM partners WHERE pool_id = $1 AND partner_id",
            $is_in!("$2")
        )
    };
}

macro_rules! grants_of {
    ($is_in:ident) => {
        concat!(
            "SELECT group_name, partner_id, permission FROM permissions \
             WHERE pool_id = $1 AND group_name",
            $is_in!("$2"),
            " ORDER BY group_name, partner_id, permission"
        )
    };
}

macro_rules! tenants_of_groups {
    ($is_in:ident) => {
        concat!(
            "SELECT ",
            tenant_columns!(),
            " FROM tenants WHERE pool_id = $1 AND group_name",
            $is_in!("$2"),
            " UNION ALL SELECT ",
            tenant_columns!(),
            " FROM tenants WHERE pool_id = $1 AND admin_group",
            $is_in!("$2")
        )
    };
}

// Users in no group have a row, too.
macro_rules! groups_of_each {
    ($is_in:ident) => {
        concat!(
            "SELECT u.sub, g.group_name, g.description, g.role_arn, g.precedence, g.created_at, \
             g.modified_at FROM users u \
             LEFT JOIN memberships m ON m.pool_id = u.pool_id AND m.sub = u.sub \
             LEFT JOIN groups g ON g.pool_id = m.pool_id AND g.group_name = m.group_name \
             WHERE u.pool_id = $1 AND u.sub",
            $is_in!("$2"),
            " ORDER BY u.sub, g.precedence IS NULL, g.precedence, g.group_name"
        )
    };
}

/// The texts that take a list, as PostgreSQL takes one.
pub(crate) const LISTS: [(&str, &str); 4] = [
    (PARTNERS_NAMED, partners_named!(in_array)),
    (GRANTS_OF, grants_of!(in_array)),
    (TENANTS_OF_GROUPS, tenants_of_groups!(in_array)),
    (GROUPS_OF_EACH, groups_of_each!(in_array)),
];

/// The texts that PostgreSQL runs in another form: what a commit has found must stay as it is until
/// the commit is done. SQLite commits one after the other, and its language has no such words.
///
/// Many sign-ins of a user go on at the same time. A group may change meanwhile but not go away. A
/// device is changed by the same commit, and two that held it together could not. What a portion of a
/// removal does not find must not be in the hands of another node.
pub(crate) const LOCKED: [(&str, &str); 4] = [
    (EXPECT_USER, concat!(expect_user!(), " FOR SHARE")),
    (EXPECT_GROUP, concat!(expect_group!(), " FOR KEY SHARE")),
    (EXPECT_DEVICE, concat!(expect_device!(), " FOR UPDATE")),
    (removal::EXPECT_REMOVAL, concat!(expect_removal!(), " FOR UPDATE")),
];

macro_rules! list_users_in_group {
    ($and:literal) => {
        concat!(
            "SELECT ",
            user_columns!(),
            ", '' FROM memberships m CROSS JOIN users u \
             WHERE m.pool_id = $1 AND m.group_name = $2 AND m.sub > $3 \
             AND u.pool_id = m.pool_id AND u.sub = m.sub \
             AND EXISTS (SELECT 1 FROM groups g WHERE g.pool_id = $1 AND g.group_name = $2)",
            $and,
            " ORDER BY m.sub LIMIT $4"
        )
    };
}

/// The texts that the two databases plan well only in different words.
///
/// PostgreSQL may walk through members and users side by side, and has to be told where users begin, or
/// each page of a large group begins with the first user of the pool. SQLite, told the same, walks
/// through the members of all groups from there on.
pub(crate) const WORDED: [(&str, &str); 1] =
    [(LIST_USERS_IN_GROUP, list_users_in_group!(" AND u.sub > $3"))];

mod listings;
pub(crate) mod removal;

pub(crate) use listings::listing_by;

macro_rules! count_call {
    ($values:literal) => {
        concat!(
            "INSERT INTO turns (turn_key, whole_at, expires_at) ",
            $values,
            " ON CONFLICT (turn_key) DO UPDATE SET whole_at = \
            CASE WHEN turns.whole_at > $4 AND turns.whole_at <= $5 THEN turns.whole_at \
            ELSE $4 END + $6, \
            expires_at = excluded.expires_at \
            WHERE turns.whole_at <= $7 OR turns.whole_at > $5"
        )
    };
}

macro_rules! give_back_call {
    ($and:literal) => {
        concat!("UPDATE turns SET whole_at = whole_at - $1 WHERE turn_key = $2", $and)
    };
}

/// The texts that PostgreSQL commits without waiting for its disk, each alone in its transaction:
/// counters need not survive a crash. A setting that is local to the transaction says so.
pub(crate) const ASYNC_COMMIT: [(&str, &str); 2] = [
    (
        COUNT_CALL,
        count_call!(
            "SELECT $1, $2, $3 WHERE set_config('synchronous_commit', 'off', true) = 'off'"
        ),
    ),
    (GIVE_BACK_CALL, give_back_call!(" AND set_config('synchronous_commit', 'off', true) = 'off'")),
];

statements! {
    POOL = "SELECT settings, version FROM user_pools WHERE pool_id = $1";
    COUNTED_POOL = "SELECT settings, version, (SELECT CAST(COALESCE(SUM(users), 0) AS BIGINT) \
        FROM user_counts WHERE pool_id = $1) FROM user_pools WHERE pool_id = $1";
    CREATE_POOL = "INSERT INTO user_pools (pool_id, settings, version) VALUES ($1, $2, $3) \
        ON CONFLICT DO NOTHING";
    UPDATE_POOL = "UPDATE user_pools SET settings = $1, version = version + 1 \
        WHERE pool_id = $2 AND version = $3";

    LIST_POOLS = "SELECT pool_id, settings, version FROM user_pools WHERE pool_id > $1 \
        ORDER BY pool_id LIMIT $2";
    DELETE_POOL = "DELETE FROM user_pools WHERE pool_id = $1 AND version = $2";

    CLIENT = "SELECT settings, version FROM app_clients WHERE client_id = $1";
    CREATE_CLIENT = "INSERT INTO app_clients (pool_id, client_id, settings, version) \
        VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";
    UPDATE_CLIENT = "UPDATE app_clients SET settings = $1, version = version + 1 \
        WHERE pool_id = $2 AND client_id = $3 AND version = $4";

    LIST_CLIENTS = "SELECT client_id, settings, version FROM app_clients \
        WHERE pool_id = $1 AND client_id > $2 ORDER BY client_id LIMIT $3";
    DELETE_CLIENT = "DELETE FROM app_clients WHERE pool_id = $1 AND client_id = $2";

    SIGNING_KEYS = "SELECT key_id, key_use, private_key, created_at, signs_from, expires_at \
        FROM signing_keys WHERE pool_id = $1 ORDER BY created_at, key_id";
    CREATE_SIGNING_KEY = "INSERT INTO signing_keys \
        (pool_id, key_id, key_use, private_key, created_at, signs_from, expires_at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING";
    UPDATE_SIGNING_KEY = "UPDATE signing_keys SET signs_from = $1, expires_at = $2 \
        WHERE pool_id = $3 AND key_id = $4";
    DELETE_SIGNING_KEY = "DELETE FROM signing_keys WHERE pool_id = $1 AND key_id = $2";

    PARTNER = "SELECT settings FROM partners WHERE pool_id = $1 AND partner_id = $2";
    PARTNERS = "SELECT partner_id, settings FROM partners WHERE pool_id = $1 ORDER BY partner_id";
    PARTNERS_NAMED = partners_named!(in_json);
    CREATE_PARTNER = "INSERT INTO partners (pool_id, partner_id, settings) VALUES ($1, $2, $3) \
        ON CONFLICT DO NOTHING";
    UPDATE_PARTNER = "UPDATE partners SET settings = $1 \
        WHERE pool_id = $2 AND partner_id = $3 AND settings = $4";
    GRANTS_OF = grants_of!(in_json);
    GRANTS = "SELECT group_name, partner_id, permission FROM permissions \
        WHERE pool_id = $1 ORDER BY group_name, partner_id, permission";
    GRANT = "INSERT INTO permissions (pool_id, group_name, partner_id, permission) \
        VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";
    REVOKE_GRANT = "DELETE FROM permissions \
        WHERE pool_id = $1 AND group_name = $2 AND partner_id = $3 AND permission = $4";
    DELETE_GRANTS_OF = "DELETE FROM permissions WHERE pool_id = $1 AND group_name = $2";

    TENANT = concat!("SELECT ", tenant_columns!(), " FROM tenants WHERE tenant_id = $1");
    // One statement, whether the name is a tenant's or not.
    TENANT_OR_OTHER = concat!(
        "SELECT ", tenant_columns!(), " FROM tenants WHERE tenant_key = COALESCE(\
         (SELECT MIN(tenant_key) FROM tenants WHERE tenant_key >= $1), \
         (SELECT MIN(tenant_key) FROM tenants))"
    );
    LIST_TENANTS = concat!(
        "SELECT ", tenant_columns!(), " FROM tenants WHERE tenant_key > $1 \
         ORDER BY tenant_key LIMIT $2"
    );
    TENANTS_OF_GROUPS = tenants_of_groups!(in_json);
    CREATE_TENANT = "INSERT INTO tenants \
        (tenant_key, name, client_id, group_name, admin_group, tenant_id, pool_id) \
        VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING";
    UPDATE_TENANT = "UPDATE tenants SET tenant_key = $1, name = $2, client_id = $3, \
        group_name = $4, admin_group = $5 WHERE tenant_id = $6 AND name = $7 AND client_id = $8 \
        AND group_name IS NOT DISTINCT FROM $9 \
        AND admin_group IS NOT DISTINCT FROM $10 AND NOT EXISTS (SELECT 1 FROM tenants other \
        WHERE other.tenant_key = $1 AND other.tenant_id <> $6)";
    DELETE_TENANT = "DELETE FROM tenants WHERE tenant_id = $1 AND name = $2 AND client_id = $3 \
        AND group_name IS NOT DISTINCT FROM $4 \
        AND admin_group IS NOT DISTINCT FROM $5 AND NOT EXISTS (SELECT 1 FROM \
        machine_credentials c WHERE c.pool_id = tenants.pool_id AND c.tenant_id = $1)";
    CREDENTIAL = concat!(
        "SELECT ", user_columns!(), " FROM users u JOIN machine_credentials c \
         ON c.pool_id = u.pool_id AND c.sub = u.sub \
         WHERE u.pool_id = $1 AND u.username_key = $2 AND c.tenant_id = $3"
    );
    CREDENTIALS = concat!(
        "SELECT ", user_columns!(), ", '' FROM machine_credentials c \
         JOIN users u ON u.pool_id = c.pool_id AND u.sub = c.sub \
         WHERE c.pool_id = $1 AND c.tenant_id = $2 AND c.sub > $3 ORDER BY c.sub LIMIT $4"
    );
    CREDENTIAL_SUBS = "SELECT sub FROM machine_credentials \
        WHERE pool_id = $1 AND tenant_id = $2 ORDER BY sub";
    TENANT_OF_MACHINE = "SELECT tenant_id FROM machine_credentials \
        WHERE pool_id = $1 AND sub = $2";
    ADD_CREDENTIAL = "INSERT INTO machine_credentials (pool_id, sub, tenant_id) \
        SELECT $1, $2, $3 WHERE EXISTS (SELECT 1 FROM tenants t WHERE t.tenant_id = $3) AND $4 > \
        (SELECT COUNT(*) FROM machine_credentials c WHERE c.pool_id = $1 AND c.tenant_id = $3) \
        ON CONFLICT DO NOTHING";
    DELETE_CREDENTIAL_OF = "DELETE FROM machine_credentials WHERE pool_id = $1 AND sub = $2";

    ACCESS_KEY = "SELECT secret, operations, pools FROM access_keys WHERE access_key_id = $1";
    PUT_ACCESS_KEY = "INSERT INTO access_keys (access_key_id, secret, operations, pools) \
        VALUES ($1, $2, $3, $4) ON CONFLICT (access_key_id) DO UPDATE SET \
        secret = excluded.secret, operations = excluded.operations, pools = excluded.pools";

    MASTER_KEYS = "SELECT generation, state, digest_key, since, missed FROM master_keys \
        ORDER BY generation";
    CREATE_MASTER_KEY = "INSERT INTO master_keys (generation, state, digest_key, since, missed) \
        VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING";
    ADVANCE_MASTER_KEY = "UPDATE master_keys SET state = $1, since = $2 \
        WHERE generation = $3 AND state = $4 AND missed = 0";
    MISS_MASTER_KEY = "UPDATE master_keys SET missed = 1 \
        WHERE generation = $1 AND state = 'announced'";
    DELETE_MASTER_KEY = "DELETE FROM master_keys WHERE generation = $1 AND state = $2";

    SEALED_SIGNING_KEYS = "SELECT pool_id, key_id, private_key FROM signing_keys \
        WHERE (pool_id, key_id) > ($1, $2) ORDER BY pool_id, key_id LIMIT $3";
    SEALED_USERS = "SELECT pool_id, sub, password, mfa FROM users \
        WHERE (pool_id, sub) > ($1, $2) ORDER BY pool_id, sub LIMIT $3";
    SEALED_CLIENTS = "SELECT pool_id, client_id, settings FROM app_clients \
        WHERE (pool_id, client_id) > ($1, $2) ORDER BY pool_id, client_id LIMIT $3";
    SEALED_ACCESS_KEYS = "SELECT access_key_id, secret FROM access_keys \
        WHERE access_key_id > $1 ORDER BY access_key_id LIMIT $2";
    SEALED_DEVICES = "SELECT pool_id, sub, device_key, verifier FROM devices \
        WHERE (pool_id, sub, device_key) > ($1, $2, $3) \
        ORDER BY pool_id, sub, device_key LIMIT $4";
    SEALED_MESSAGES = "SELECT pool_id, message_id, content FROM outbox \
        WHERE (pool_id, message_id) > ($1, $2) ORDER BY pool_id, message_id LIMIT $3";
    SEALED_KEPT_SESSIONS = "SELECT pool_id, session_name, session FROM kept_sessions \
        WHERE (pool_id, session_name) > ($1, $2) ORDER BY pool_id, session_name LIMIT $3";
    // The version is counted up where there is one: whoever has read the row before decides anew, and
    // does not write back what was sealed under the old key.
    RESEAL_SIGNING_KEY = "UPDATE signing_keys SET private_key = $1 \
        WHERE pool_id = $2 AND key_id = $3 AND private_key = $4";
    RESEAL_USER = "UPDATE users SET password = $1, mfa = $2, version = version + 1 \
        WHERE pool_id = $3 AND sub = $4 AND password IS NOT DISTINCT FROM $5 AND mfa = $6";
    RESEAL_CLIENT = "UPDATE app_clients SET settings = $1, version = version + 1 \
        WHERE pool_id = $2 AND client_id = $3 AND settings = $4";
    RESEAL_ACCESS_KEY = "UPDATE access_keys SET secret = $1 \
        WHERE access_key_id = $2 AND secret = $3";
    RESEAL_DEVICE = "UPDATE devices SET verifier = $1, version = version + 1 \
        WHERE pool_id = $2 AND sub = $3 AND device_key = $4 AND verifier = $5";
    RESEAL_MESSAGE = "UPDATE outbox SET content = $1 \
        WHERE pool_id = $2 AND message_id = $3 AND content = $4";
    RESEAL_KEPT_SESSION = "UPDATE kept_sessions SET session = $1 \
        WHERE pool_id = $2 AND session_name = $3 AND session = $4";

    USER = concat!(
        "SELECT ", user_columns!(), " FROM users u WHERE u.pool_id = $1 AND u.sub = $2"
    );
    // All names are looked up, however early one leads to somebody: how many were tried must not show.
    SUBS_BY_NAME = "SELECT CAST(0 AS BIGINT), sub FROM users \
        WHERE pool_id = $1 AND username_key = $2 \
        UNION ALL SELECT CAST(1 AS BIGINT), sub FROM users WHERE pool_id = $1 AND sub = $3 \
        UNION ALL SELECT CAST(2 AS BIGINT), sub FROM user_aliases \
        WHERE pool_id = $1 AND alias_key = $4 \
        UNION ALL SELECT CAST(3 AS BIGINT), sub FROM user_aliases \
        WHERE pool_id = $1 AND alias_key = $5 \
        UNION ALL SELECT CAST(4 AS BIGINT), sub FROM user_aliases \
        WHERE pool_id = $1 AND alias_key = $6";
    // This user, or the next confirmed one of the pool, behind the last one the first; or else anybody.
    // Why equal is not written as equal, `Listing` says.
    USER_OR_OTHER = concat!(
        "SELECT * FROM (SELECT ", user_columns!(), ", u.pool_id FROM users u \
         WHERE u.pool_id = $1 AND u.sub = $2) AS named \
         UNION ALL SELECT * FROM (SELECT ", user_columns!(), ", u.pool_id FROM users u \
         WHERE u.pool_id = $1 AND u.user_status <= 'CONFIRMED' \
         AND (u.user_status, u.sub) >= ('CONFIRMED', $2) \
         ORDER BY u.user_status, u.sub LIMIT 1) AS here \
         UNION ALL SELECT * FROM (SELECT ", user_columns!(), ", u.pool_id FROM users u \
         WHERE u.pool_id = $1 AND u.user_status <= 'CONFIRMED' AND u.user_status >= 'CONFIRMED' \
         ORDER BY u.user_status, u.sub LIMIT 1) AS next \
         UNION ALL SELECT * FROM (SELECT ", user_columns!(), ", u.pool_id FROM users u \
         ORDER BY u.pool_id, u.sub LIMIT 1) AS start LIMIT 1"
    );
    LIST_USERS = concat!(
        "SELECT ", user_columns!(), ", '' FROM users u WHERE u.pool_id = $1 AND u.sub > $2 \
         ORDER BY u.sub LIMIT $3"
    );
    EXPECT_USER = expect_user!();
    CREATE_USER = "INSERT INTO users (pool_id, sub, username, username_key, user_status, status, \
        kind, password, password_set_at, attributes, mfa, provenance, signed_out_at, created_at, \
        modified_at, version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) \
        ON CONFLICT DO NOTHING";
    UPDATE_USER = "UPDATE users SET user_status = $1, status = $2, kind = $3, password = $4, \
        password_set_at = $5, attributes = $6, mfa = $7, provenance = $8, signed_out_at = $9, \
        created_at = $10, modified_at = $11, version = version + 1 \
        WHERE pool_id = $12 AND sub = $13 AND version = $14";
    DELETE_USER = "DELETE FROM users WHERE pool_id = $1 AND sub = $2 AND version = $3";
    DELETE_ALIASES_OF = "DELETE FROM user_aliases WHERE pool_id = $1 AND sub = $2";
    DELETE_SEARCH_OF = "DELETE FROM user_search WHERE pool_id = $1 AND sub = $2";
    DELETE_MEMBERSHIPS_OF = "DELETE FROM memberships WHERE pool_id = $1 AND sub = $2";
    SUSPENSION = "SELECT partner_id, administrator, suspended_at FROM suspensions \
        WHERE pool_id = $1 AND sub = $2";
    PUT_SUSPENSION = "INSERT INTO suspensions \
        (pool_id, sub, partner_id, administrator, suspended_at) VALUES ($1, $2, $3, $4, $5) \
        ON CONFLICT (pool_id, sub) DO UPDATE SET partner_id = excluded.partner_id, \
        administrator = excluded.administrator, suspended_at = excluded.suspended_at";
    LIFT_SUSPENSION = "DELETE FROM suspensions \
        WHERE pool_id = $1 AND sub = $2 AND partner_id = $3";
    DELETE_SUSPENSION_OF = "DELETE FROM suspensions WHERE pool_id = $1 AND sub = $2";
    DUE_FOLLOW_UPS = "SELECT id, pool_id, username, work, due, attempts FROM follow_ups \
        WHERE pool_id = $1 AND due <= $2 ORDER BY due LIMIT $3";
    PUT_FOLLOW_UP = "INSERT INTO follow_ups (id, pool_id, username, work, due, attempts) \
        VALUES ($1, $2, $3, $4, $5, $6)";
    TRY_FOLLOW_UP = "UPDATE follow_ups SET due = $1, attempts = attempts + 1 \
        WHERE id = $2 AND attempts = $3";
    DELETE_FOLLOW_UP = "DELETE FROM follow_ups WHERE id = $1";
    // As with REVOKE_SESSIONS_OF, the inner query is what makes SQLite take the index.
    DELETE_SESSIONS_OF = "DELETE FROM sessions WHERE pool_id = $1 AND session_id IN \
        (SELECT session_id FROM sessions WHERE pool_id = $1 AND sub = $2)";
    DELETE_CODES_OF = "DELETE FROM verification_codes WHERE pool_id = $1 AND subject = $2";
    DELETE_QUOTAS_OF = "DELETE FROM quotas WHERE pool_id = $1 AND subject = $2";
    DELETE_SIGN_UP_OF = "DELETE FROM sign_ups WHERE pool_id = $1 AND sub = $2";
    DELETE_LOCKOUT_OF = "DELETE FROM lockouts WHERE pool_id = $1 AND subject = $2";
    REMOVE_STALE_SEARCH = "DELETE FROM user_search WHERE pool_id = $1 AND sub = $2 \
        AND (field, value) NOT IN (VALUES ('email', $3), ('phone_number', $4), ('name', $5), \
        ('given_name', $6), ('family_name', $7), ('preferred_username', $8))";
    ADD_MISSING_SEARCH = "INSERT INTO user_search (pool_id, sub, field, value) \
        SELECT $1, $2, column1, column2 FROM (VALUES ('email', $3), ('phone_number', $4), \
        ('name', $5), ('given_name', $6), ('family_name', $7), ('preferred_username', $8)) \
        AS searchable WHERE column2 <> '' ON CONFLICT DO NOTHING";
    ADD_ALIAS = "INSERT INTO user_aliases (pool_id, alias_key, sub) VALUES ($1, $2, $3) \
        ON CONFLICT (pool_id, alias_key) DO UPDATE SET sub = excluded.sub \
        WHERE user_aliases.sub = excluded.sub";
    TAKE_ALIAS = "INSERT INTO user_aliases (pool_id, alias_key, sub) VALUES ($1, $2, $3) \
        ON CONFLICT (pool_id, alias_key) DO UPDATE SET sub = excluded.sub";
    REMOVE_ALIAS = "DELETE FROM user_aliases \
        WHERE pool_id = $1 AND alias_key = $2 AND sub = $3";

    GROUP = "SELECT group_name, description, role_arn, precedence, created_at, modified_at \
        FROM groups WHERE pool_id = $1 AND group_name = $2";
    GROUPS_OF = "SELECT g.group_name, g.description, g.role_arn, g.precedence, g.created_at, \
        g.modified_at FROM memberships m \
        JOIN groups g ON g.pool_id = m.pool_id AND g.group_name = m.group_name \
        WHERE m.pool_id = $1 AND m.sub = $2 \
        ORDER BY g.precedence IS NULL, g.precedence, g.group_name";
    GROUPS_OF_EACH = groups_of_each!(in_json);
    CREATE_GROUP = "INSERT INTO groups \
        (pool_id, group_name, description, role_arn, precedence, created_at, modified_at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING";
    LIST_GROUPS = "SELECT group_name, description, role_arn, precedence, created_at, modified_at \
        FROM groups WHERE pool_id = $1 AND group_name > $2 ORDER BY group_name LIMIT $3";
    EXPECT_GROUP = expect_group!();
    UPDATE_GROUP = "UPDATE groups SET description = $1, role_arn = $2, precedence = $3, \
        created_at = $4, modified_at = $5 WHERE pool_id = $6 AND group_name = $7 \
        AND description IS NOT DISTINCT FROM $8 AND role_arn IS NOT DISTINCT FROM $9 \
        AND precedence IS NOT DISTINCT FROM $10 AND created_at = $11 AND modified_at = $12";
    DELETE_GROUP = "DELETE FROM groups WHERE pool_id = $1 AND group_name = $2";
    // SQLite keeps the order of a CROSS JOIN, or it might walk through the users of a small group's
    // pool.
    LIST_USERS_IN_GROUP = list_users_in_group!("");
    // A group with its pool; how many members it has; and the part of them that so many others are
    // ahead of at most, with how many are ahead of that part. The parts are in the order of subs.
    GROUP_PLACE = "SELECT p.settings, p.version, g.group_name, \
        (SELECT CAST(COALESCE(SUM(members), 0) AS BIGINT) FROM member_counts \
        WHERE pool_id = $1 AND group_name = $2), place.part, place.ahead \
        FROM user_pools p \
        LEFT JOIN groups g ON g.pool_id = p.pool_id AND g.group_name = $2 \
        LEFT JOIN (SELECT part, ahead FROM (SELECT part, members, \
        CAST(SUM(members) OVER (ORDER BY part) AS BIGINT) - members AS ahead FROM member_counts \
        WHERE pool_id = $1 AND group_name = $2) AS parts \
        WHERE ahead <= $3 AND ahead + members > $3) AS place ON TRUE \
        WHERE p.pool_id = $1";
    // Members of the part who are before the page are skipped in the index, without a look at the users.
    MEMBERS_FROM = concat!(
        "SELECT ", user_columns!(), " FROM (SELECT pool_id, sub FROM memberships \
         WHERE pool_id = $1 AND group_name = $2 AND sub >= $3 ORDER BY sub LIMIT $4 OFFSET $5) m \
         JOIN users u ON u.pool_id = m.pool_id AND u.sub = m.sub ORDER BY m.sub"
    );
    REMOVE_FROM_GROUP = "DELETE FROM memberships \
        WHERE pool_id = $1 AND sub = $2 AND group_name = $3";
    ADD_TO_GROUP = "INSERT INTO memberships (pool_id, sub, group_name) VALUES ($1, $2, $3) \
        ON CONFLICT DO NOTHING";

    // What an access token leads to: its pool, and its client, its sign-in and its user, as far as they
    // are there.
    TOKEN_RECORDS = concat!(
        "SELECT p.settings, p.version, c.settings, c.version, s.session_id, s.sub, s.client_id, s.auth_time, \
         s.expires_at, s.rotation, s.rotated_at, s.revoked_at, s.address, s.device_key, \
         s.tenant_id, s.door, ", user_columns!(), " FROM user_pools p \
         LEFT JOIN app_clients c ON c.client_id = $1 \
         LEFT JOIN sessions s ON s.pool_id = $2 AND s.session_id = $3 \
         LEFT JOIN users u ON u.pool_id = $2 AND u.sub = $4 WHERE p.pool_id = $2"
    );
    SESSION = "SELECT session_id, sub, client_id, auth_time, expires_at, rotation, rotated_at, \
        revoked_at, address, device_key, tenant_id, door FROM sessions \
        WHERE pool_id = $1 AND session_id = $2";
    // As with REVOKE_SESSIONS_OF, the inner query is what makes SQLite take the index.
    SESSIONS_OF = "SELECT session_id, sub, client_id, auth_time, expires_at, rotation, \
        rotated_at, revoked_at, address, device_key, tenant_id, door FROM sessions \
        WHERE pool_id = $1 AND session_id IN \
        (SELECT session_id FROM sessions WHERE pool_id = $1 AND sub = $2 AND revoked_at IS NULL) \
        AND expires_at > $3 \
        AND EXISTS (SELECT 1 FROM app_clients c WHERE c.client_id = sessions.client_id) \
        ORDER BY auth_time DESC, session_id LIMIT $4";
    CREATE_SESSION = "INSERT INTO sessions (pool_id, session_id, sub, client_id, auth_time, \
        expires_at, rotation, rotated_at, revoked_at, address, device_key, tenant_id, door) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) ON CONFLICT DO NOTHING";
    ROTATE_SESSION = "UPDATE sessions SET rotation = rotation + 1, rotated_at = $1 \
        WHERE pool_id = $2 AND session_id = $3 AND rotation = $4 AND revoked_at IS NULL";
    REVOKE_SESSION = "UPDATE sessions SET revoked_at = $1 \
        WHERE pool_id = $2 AND session_id = $3 AND revoked_at IS NULL";
    // The inner query is answered from an index alone; without it SQLite walks through the pool.
    REVOKE_SESSIONS_OF = "UPDATE sessions SET revoked_at = $1 WHERE pool_id = $2 \
        AND session_id IN (SELECT session_id FROM sessions \
        WHERE pool_id = $2 AND sub = $3 AND revoked_at IS NULL)";
    REVOKE_STALE_SESSIONS = "UPDATE sessions SET revoked_at = $1 WHERE pool_id = $2 \
        AND session_id IN (SELECT session_id FROM sessions \
        WHERE pool_id = $2 AND sub = $3 AND revoked_at IS NULL) \
        AND session_id NOT IN (SELECT session_id FROM sessions \
        WHERE pool_id = $2 AND session_id IN (SELECT session_id FROM sessions \
        WHERE pool_id = $2 AND sub = $3 AND revoked_at IS NULL) AND expires_at > $1 \
        ORDER BY COALESCE(rotated_at, auth_time) DESC, session_id LIMIT $4)";
    KEPT_SESSION = "SELECT session FROM kept_sessions WHERE pool_id = $1 AND session_name = $2";
    KEEP_SESSION = "INSERT INTO kept_sessions (pool_id, session_name, session, expires_at) \
        VALUES ($1, $2, $3, $4) ON CONFLICT (pool_id, session_name) DO UPDATE SET \
        session = excluded.session, expires_at = excluded.expires_at";
    PUT_SIGN_UP = "INSERT INTO sign_ups (pool_id, sub, expires_at) VALUES ($1, $2, $3) \
        ON CONFLICT (pool_id, sub) DO UPDATE SET expires_at = excluded.expires_at";
    EXPIRED_SIGN_UPS = "SELECT pool_id, sub FROM sign_ups WHERE expires_at < $1 \
        ORDER BY expires_at LIMIT $2";
    SPEND = "INSERT INTO spent (pool_id, spent_id, expires_at) VALUES ($1, $2, $3) \
        ON CONFLICT DO NOTHING";

    DEVICE = concat!(
        "SELECT ", device_columns!(), " FROM devices \
         WHERE pool_id = $1 AND sub = $2 AND device_key = $3"
    );
    DEVICES_OF = concat!(
        "SELECT ", device_columns!(), " FROM devices \
         WHERE pool_id = $1 AND sub = $2 AND device_key > $3 ORDER BY device_key LIMIT $4"
    );
    CREATE_DEVICE = "INSERT INTO devices (pool_id, sub, device_key, group_key, name, verifier, \
        remembered, created_at, modified_at, last_authenticated_at, last_address, version) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT DO NOTHING";
    UPDATE_DEVICE = "UPDATE devices SET name = $1, remembered = $2, modified_at = $3, \
        version = version + 1 \
        WHERE pool_id = $4 AND sub = $5 AND device_key = $6 AND version = $7";
    EXPECT_DEVICE = expect_device!();
    TOUCH_DEVICE = "UPDATE devices SET last_authenticated_at = $1, last_address = $2 \
        WHERE pool_id = $3 AND sub = $4 AND device_key = $5";
    DELETE_DEVICE = "DELETE FROM devices WHERE pool_id = $1 AND sub = $2 AND device_key = $3";
    DELETE_STALE_DEVICES = "DELETE FROM devices WHERE pool_id = $1 AND sub = $2 \
        AND device_key NOT IN (SELECT device_key FROM devices WHERE pool_id = $1 AND sub = $2 \
        ORDER BY last_authenticated_at DESC, device_key LIMIT $3)";
    DELETE_DEVICES_OF = "DELETE FROM devices WHERE pool_id = $1 AND sub = $2";

    TRUSTED_DEVICE = "SELECT digest, expires_at FROM trusted_devices \
        WHERE pool_id = $1 AND sub = $2";
    PUT_TRUSTED_DEVICE = "INSERT INTO trusted_devices (pool_id, sub, digest, expires_at) \
        VALUES ($1, $2, $3, $4) ON CONFLICT (pool_id, sub) DO UPDATE SET \
        digest = excluded.digest, expires_at = excluded.expires_at";
    DELETE_TRUSTED_DEVICE = "DELETE FROM trusted_devices WHERE pool_id = $1 AND sub = $2";

    CODE = "SELECT digest, contact, address, expires_at FROM verification_codes \
        WHERE pool_id = $1 AND subject = $2 AND purpose = $3";
    PUT_CODE = "INSERT INTO verification_codes \
        (pool_id, subject, purpose, digest, contact, address, expires_at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (pool_id, subject, purpose) DO UPDATE SET \
        digest = excluded.digest, contact = excluded.contact, address = excluded.address, \
        expires_at = excluded.expires_at";
    SPEND_CODE = "DELETE FROM verification_codes \
        WHERE pool_id = $1 AND subject = $2 AND purpose = $3 AND digest = $4";
    // A window begins with its first use. One that is over gives way to a new one, and so does one
    // that began in the future: a clock was ahead then.
    USE_QUOTA = "INSERT INTO quotas (pool_id, subject, quota, used, since) \
        VALUES ($1, $2, $3, 1, $4) ON CONFLICT (pool_id, subject, quota) DO UPDATE SET \
        used = CASE WHEN quotas.since <= $5 OR quotas.since > $6 THEN 1 \
        ELSE quotas.used + 1 END, \
        since = CASE WHEN quotas.since <= $5 OR quotas.since > $6 THEN excluded.since \
        ELSE quotas.since END \
        WHERE quotas.since <= $5 OR quotas.since > $6 OR quotas.used < $7";
    // `+` keeps the time off the index: PostgreSQL might take the quotas of an hour for few.
    USED_UP = "SELECT used FROM quotas WHERE pool_id = $1 AND subject = $2 AND quota = $3 \
        AND +since > $4 AND +since <= $5 AND used >= $6";

    COUNT_CALL = count_call!("VALUES ($1, $2, $3)");
    GIVE_BACK_CALL = give_back_call!("");
    ARRIVAL = "SELECT whole_at FROM turns WHERE turn_key = $1";

    LOCKOUT = "SELECT failures, last_failure_at, version FROM lockouts \
        WHERE pool_id = $1 AND subject = $2";
    CREATE_LOCKOUT = "INSERT INTO lockouts \
        (pool_id, subject, failures, last_failure_at, version) VALUES ($1, $2, $3, $4, 1) \
        ON CONFLICT DO NOTHING";
    UPDATE_LOCKOUT = "UPDATE lockouts SET failures = $1, last_failure_at = $2, \
        version = version + 1 WHERE pool_id = $3 AND subject = $4 AND version = $5";
    TOUCH_LOCKOUT = "UPDATE lockouts SET failures = failures WHERE pool_id = $1 AND subject = $2";
    CLEAR_LOCKOUT = "DELETE FROM lockouts WHERE pool_id = $1 AND subject = $2 AND version = $3";
    // Takes the place that a first failure takes, and so finds out that there is none and keeps
    // others from adding one; the row of version 0 goes before the commit is done.
    CLAIM_NO_LOCKOUT = "INSERT INTO lockouts \
        (pool_id, subject, failures, last_failure_at, version) VALUES ($1, $2, 0, 0, 0) \
        ON CONFLICT DO NOTHING";

    MESSAGES = concat!(
        "SELECT ", message_columns!(), " FROM outbox \
         WHERE sub <> '00000000-0000-0000-0000-000000000000' \
         ORDER BY created_at DESC, message_id DESC LIMIT $1"
    );
    DUE_MESSAGES = concat!(
        "SELECT ", message_columns!(), " FROM outbox WHERE channel = $1 AND next_attempt_at <= $2 \
         AND given_up_at IS NULL AND delivered_at IS NULL \
         ORDER BY next_attempt_at, message_id LIMIT $3"
    );
    UNDELIVERED_MESSAGES = concat!(
        "SELECT ", message_columns!(), " FROM outbox \
         WHERE (created_at, message_id) > ($1, $2) AND delivered_at IS NULL \
         ORDER BY created_at, message_id LIMIT $3"
    );
    ENQUEUE = concat!(
        "INSERT INTO outbox (", message_columns!(), ") \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) \
         ON CONFLICT DO NOTHING"
    );
    ADVANCE_MESSAGE = "UPDATE outbox SET attempts = $1, next_attempt_at = $2, give_up_at = $3, \
        last_error = $4, given_up_at = $5, delivered_at = $6 \
        WHERE pool_id = $7 AND message_id = $8 AND attempts = $9";
    // Nobody waits that long for the next attempt: a clock was ahead when this was noted.
    RESCHEDULE_MESSAGES = "UPDATE outbox SET next_attempt_at = $1 WHERE next_attempt_at > $2 \
        AND given_up_at IS NULL AND delivered_at IS NULL";
    REMOVE_MESSAGE = "DELETE FROM outbox WHERE pool_id = $1 AND message_id = $2";
}

/// The texts that PostgreSQL runs in another form, each after the one that it stands for.
pub(crate) fn of_postgres() -> impl Iterator<Item = (&'static str, &'static str)> {
    LOCKED.into_iter().chain(ASYNC_COMMIT).chain(WORDED).chain(LISTS)
}

/// Whether a text is of these files. Then its plan is tested (`plans`).
pub(crate) fn is_known(sql: &str) -> bool {
    let listings = listings::ALL.into_iter().flat_map(|(_, listing)| listing.texts());
    let named = ALL.iter().chain(removal::ALL).copied();
    let named = named.chain(removal::CLOSE_POOL).chain(removal::EMPTY_POOL);
    named.chain(listings.map(|(_, sql)| sql)).any(|known| known == sql)
}

/// Every text of these files, and so every text that a database is asked to run, by name.
#[cfg(test)]
pub(crate) fn every_statement() -> Vec<(String, &'static str)> {
    let named = |names: &[&str], texts: &[&'static str]| {
        let pairs = names.iter().zip(texts);
        pairs.map(|(name, sql)| ((*name).to_owned(), *sql)).collect::<Vec<_>>()
    };
    let of_tables = |what: &'static str, texts: &[&'static str]| {
        let table = |sql: &'static str| sql.split(' ').nth(2).unwrap_or_default();
        texts.iter().map(|sql| (format!("{what} {}", table(sql)), *sql)).collect::<Vec<_>>()
    };
    let closed = of_tables("CLOSE_POOL", &removal::CLOSE_POOL);
    let emptied = closed.into_iter().chain(of_tables("EMPTY_POOL", &removal::EMPTY_POOL));
    let listings = listings::ALL.into_iter().flat_map(|(field, listing)| {
        let texts = listing.texts().into_iter();
        texts.map(move |(which, sql)| (format!("LIST_USERS by {field}, {which}"), sql))
    });
    let all = named(NAMES, ALL).into_iter().chain(named(removal::NAMES, removal::ALL));
    all.chain(emptied).chain(listings).collect()
}
