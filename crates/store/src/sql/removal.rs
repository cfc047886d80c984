//! What removes records by the thousand: those that have expired, and those of a pool.

statements! {
    // The inner query picks from an index; the condition outside (`+` keeps it off the index) is
    // there for PostgreSQL, which looks at it again if a row has been renewed meanwhile.
    REMOVE_SPENT = "DELETE FROM spent WHERE +expires_at < $1 AND (pool_id, spent_id) IN \
        (SELECT pool_id, spent_id FROM spent WHERE expires_at < $1 \
        ORDER BY expires_at LIMIT 1000)";
    REMOVE_SESSIONS = "DELETE FROM sessions WHERE +expires_at < $1 AND (pool_id, session_id) IN \
        (SELECT pool_id, session_id FROM sessions WHERE expires_at < $1 \
        ORDER BY expires_at LIMIT 1000)";
    REMOVE_KEPT_SESSIONS = "DELETE FROM kept_sessions WHERE +expires_at < $1 AND \
        (pool_id, session_name) IN \
        (SELECT pool_id, session_name FROM kept_sessions WHERE expires_at < $1 \
        ORDER BY expires_at LIMIT 1000)";
    REMOVE_TRUSTED_DEVICES = "DELETE FROM trusted_devices WHERE +expires_at < $1 AND \
        (pool_id, sub) IN \
        (SELECT pool_id, sub FROM trusted_devices WHERE expires_at < $1 \
        ORDER BY expires_at LIMIT 1000)";
    REMOVE_CODES = "DELETE FROM verification_codes WHERE +expires_at < $1 AND \
        (pool_id, subject, purpose) IN \
        (SELECT pool_id, subject, purpose FROM verification_codes WHERE expires_at < $1 \
        ORDER BY expires_at LIMIT 1000)";
    REMOVE_QUOTAS = "DELETE FROM quotas WHERE +since <= $1 AND (pool_id, subject, quota) IN \
        (SELECT pool_id, subject, quota FROM quotas WHERE since <= $1 \
        ORDER BY since LIMIT 1000)";
    REMOVE_LOCKOUTS = "DELETE FROM lockouts WHERE +last_failure_at <= $1 AND \
        (pool_id, subject) IN \
        (SELECT pool_id, subject FROM lockouts WHERE last_failure_at <= $1 \
        ORDER BY last_failure_at LIMIT 1000)";
    REMOVE_MESSAGES = "DELETE FROM outbox WHERE +created_at < $1 AND (pool_id, message_id) IN \
        (SELECT pool_id, message_id FROM outbox WHERE created_at < $1 \
        ORDER BY created_at LIMIT 1000)";
    REMOVE_SIGNING_KEYS = "DELETE FROM signing_keys WHERE +expires_at < $1 AND \
        (pool_id, key_id) IN (SELECT pool_id, key_id FROM signing_keys WHERE expires_at < $1 \
        ORDER BY expires_at LIMIT 1000)";
    REMOVE_ARRIVALS = "DELETE FROM turns WHERE +expires_at < $1 AND turn_key IN \
        (SELECT turn_key FROM turns WHERE expires_at < $1 ORDER BY expires_at LIMIT 1000)";
}

/// What empties every table of a pool's records but that of the pool itself. What is
/// counted goes before its counts, and who came meanwhile stays counted.
pub(crate) const EMPTY_POOL: [&str; 25] = [
    "DELETE FROM app_clients WHERE pool_id = $1",
    "DELETE FROM signing_keys WHERE pool_id = $1",
    "DELETE FROM users WHERE pool_id = $1",
    "DELETE FROM user_counts WHERE pool_id = $1 AND users = 0",
    "DELETE FROM user_aliases WHERE pool_id = $1",
    "DELETE FROM user_search WHERE pool_id = $1",
    "DELETE FROM groups WHERE pool_id = $1",
    "DELETE FROM memberships WHERE pool_id = $1",
    "DELETE FROM member_counts WHERE pool_id = $1 AND members = 0",
    "DELETE FROM sessions WHERE pool_id = $1",
    "DELETE FROM devices WHERE pool_id = $1",
    "DELETE FROM trusted_devices WHERE pool_id = $1",
    "DELETE FROM kept_sessions WHERE pool_id = $1",
    "DELETE FROM spent WHERE pool_id = $1",
    "DELETE FROM sign_ups WHERE pool_id = $1",
    "DELETE FROM verification_codes WHERE pool_id = $1",
    "DELETE FROM quotas WHERE pool_id = $1",
    "DELETE FROM lockouts WHERE pool_id = $1",
    "DELETE FROM outbox WHERE pool_id = $1",
    "DELETE FROM partners WHERE pool_id = $1",
    "DELETE FROM permissions WHERE pool_id = $1",
    "DELETE FROM tenants WHERE pool_id = $1",
    "DELETE FROM machine_credentials WHERE pool_id = $1",
    "DELETE FROM suspensions WHERE pool_id = $1",
    "DELETE FROM follow_ups WHERE pool_id = $1",
];
