//! What removes records by the thousand, in portions: those that have expired, and those of a pool, an
//! app client or a group that is gone.

/// Rows that a statement removes at most.
pub(crate) const PORTION: u64 = 500;

statements! {
    // The inner query picks from an index; the condition outside (`+` keeps it off the index) is
    // there for PostgreSQL, which looks at it again if a row has been renewed meanwhile.
    REMOVE_SPENT = "DELETE FROM spent WHERE +expires_at < $1 AND (pool_id, spent_id) IN \
        (SELECT pool_id, spent_id FROM spent WHERE expires_at < $1 \
        ORDER BY expires_at LIMIT 500)";
    REMOVE_SESSIONS = "DELETE FROM sessions WHERE +expires_at < $1 AND (pool_id, session_id) IN \
        (SELECT pool_id, session_id FROM sessions WHERE expires_at < $1 \
        ORDER BY expires_at LIMIT 500)";
    REMOVE_KEPT_SESSIONS = "DELETE FROM kept_sessions WHERE +expires_at < $1 AND \
        (pool_id, session_name) IN \
        (SELECT pool_id, session_name FROM kept_sessions WHERE expires_at < $1 \
        ORDER BY expires_at LIMIT 500)";
    REMOVE_TRUSTED_DEVICES = "DELETE FROM trusted_devices WHERE +expires_at < $1 AND \
        (pool_id, sub) IN \
        (SELECT pool_id, sub FROM trusted_devices WHERE expires_at < $1 \
        ORDER BY expires_at LIMIT 500)";
    REMOVE_CODES = "DELETE FROM verification_codes WHERE +expires_at < $1 AND \
        (pool_id, subject, purpose) IN \
        (SELECT pool_id, subject, purpose FROM verification_codes WHERE expires_at < $1 \
        ORDER BY expires_at LIMIT 500)";
    REMOVE_QUOTAS = "DELETE FROM quotas WHERE +since <= $1 AND (pool_id, subject, quota) IN \
        (SELECT pool_id, subject, quota FROM quotas WHERE since <= $1 \
        ORDER BY since LIMIT 500)";
    REMOVE_LOCKOUTS = "DELETE FROM lockouts WHERE +last_failure_at <= $1 AND \
        (pool_id, subject) IN \
        (SELECT pool_id, subject FROM lockouts WHERE last_failure_at <= $1 \
        ORDER BY last_failure_at LIMIT 500)";
    REMOVE_MESSAGES = "DELETE FROM outbox WHERE +created_at < $1 AND (pool_id, message_id) IN \
        (SELECT pool_id, message_id FROM outbox WHERE created_at < $1 \
        ORDER BY created_at LIMIT 500)";
    REMOVE_SIGNING_KEYS = "DELETE FROM signing_keys WHERE +expires_at < $1 AND \
        (pool_id, key_id) IN (SELECT pool_id, key_id FROM signing_keys WHERE expires_at < $1 \
        ORDER BY expires_at LIMIT 500)";
    REMOVE_ARRIVALS = "DELETE FROM turns WHERE +expires_at < $1 AND turn_key IN \
        (SELECT turn_key FROM turns WHERE expires_at < $1 ORDER BY expires_at LIMIT 500)";

    NOTE_REMOVAL = "INSERT INTO removals (pool_id, kind, name, progress) VALUES ($1, $2, $3, '') \
        ON CONFLICT (pool_id, kind, name) DO UPDATE SET progress = excluded.progress";
    // After the insert that takes the name: in PostgreSQL that one has waited for whoever was about to
    // give the name up, and this one sees what was noted then.
    EXPECT_NO_REMOVAL = "SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM removals \
        WHERE pool_id = $1 AND kind = $2 AND name = $3)";
    REMOVAL = "SELECT pool_id, kind, name, progress FROM removals \
        WHERE pool_id = $1 AND kind = $2 AND name = $3";
    NEXT_REMOVAL = "SELECT pool_id, kind, name, progress FROM removals \
        ORDER BY pool_id, kind, name LIMIT 1";
    EXPECT_REMOVAL = expect_removal!();
    ADVANCE_REMOVAL = "UPDATE removals SET progress = $1 \
        WHERE pool_id = $2 AND kind = $3 AND name = $4 AND progress = $5";
    DELETE_REMOVAL = "DELETE FROM removals WHERE pool_id = $1 AND kind = $2 AND name = $3";

    REMOVE_MEMBERS = "DELETE FROM memberships WHERE (pool_id, sub, group_name) IN \
        (SELECT pool_id, sub, group_name FROM memberships \
        WHERE pool_id = $1 AND group_name = $2 ORDER BY sub LIMIT 500)";
    REMOVE_MEMBER_COUNTS = "DELETE FROM member_counts \
        WHERE pool_id = $1 AND group_name = $2 AND members = 0";

    // An index by client would cost every sign-in: all sessions of the pool are walked through.
    SESSIONS_UP_TO = "SELECT MAX(session_id) FROM (SELECT session_id FROM sessions \
        WHERE pool_id = $1 AND session_id > $2 ORDER BY session_id LIMIT 500) portion";
    REMOVE_SESSIONS_THROUGH = "DELETE FROM sessions WHERE pool_id = $1 \
        AND session_id > $2 AND session_id <= $3 AND client_id = $4";
}

/// What leads to a pool, or opens what it has issued, by other names than its own: gone at once with
/// the pool.
pub(crate) const CLOSE_POOL: [&str; 3] = [
    "DELETE FROM app_clients WHERE pool_id = $1",
    "DELETE FROM signing_keys WHERE pool_id = $1",
    "DELETE FROM tenants WHERE pool_id = $1",
];

/// The order is that of an index, or PostgreSQL would begin each time with what is gone already.
macro_rules! portion_of_pool {
    ($table:literal, $key:literal) => {
        portion_of_pool!($table, $key, "")
    };
    ($table:literal, $key:literal, $and:literal) => {
        portion_of_pool!($table, $key, $and, $key)
    };
    ($table:literal, $key:literal, $and:literal, $order:literal) => {
        concat!(
            "DELETE FROM ",
            $table,
            " WHERE (",
            $key,
            ") IN (SELECT ",
            $key,
            " FROM ",
            $table,
            " WHERE pool_id = $1",
            $and,
            " ORDER BY ",
            $order,
            " LIMIT 500)"
        )
    };
}

/// What removes a portion of each table of a pool's records but that of the pool itself. Messages go
/// first, so that none is sent, then users, whom all else hangs on. What is counted goes before its
/// counts.
pub(crate) const EMPTY_POOL: [&str; 25] = [
    portion_of_pool!("outbox", "pool_id, message_id"),
    portion_of_pool!("users", "pool_id, sub"),
    portion_of_pool!("user_counts", "pool_id, part", " AND users = 0"),
    portion_of_pool!("app_clients", "pool_id, client_id"),
    portion_of_pool!("signing_keys", "pool_id, key_id"),
    portion_of_pool!("tenants", "tenant_key", "", "pool_id, group_name"),
    portion_of_pool!("user_aliases", "pool_id, alias_key"),
    portion_of_pool!("user_search", "pool_id, field, value, sub"),
    portion_of_pool!("groups", "pool_id, group_name"),
    portion_of_pool!("memberships", "pool_id, sub, group_name"),
    portion_of_pool!("member_counts", "pool_id, group_name, part", " AND members = 0"),
    portion_of_pool!("sessions", "pool_id, session_id"),
    portion_of_pool!("devices", "pool_id, sub, device_key"),
    portion_of_pool!("trusted_devices", "pool_id, sub"),
    portion_of_pool!("kept_sessions", "pool_id, session_name"),
    portion_of_pool!("spent", "pool_id, spent_id"),
    portion_of_pool!("sign_ups", "pool_id, sub"),
    portion_of_pool!("verification_codes", "pool_id, subject, purpose"),
    portion_of_pool!("quotas", "pool_id, subject, quota"),
    portion_of_pool!("lockouts", "pool_id, subject"),
    portion_of_pool!("partners", "pool_id, partner_id"),
    portion_of_pool!("permissions", "pool_id, group_name, partner_id, permission"),
    portion_of_pool!("machine_credentials", "pool_id, sub"),
    portion_of_pool!("suspensions", "pool_id, sub"),
    portion_of_pool!("follow_ups", "id", "", "pool_id, due"),
];
