//! The schema and its history.

use super::unavailable;
use poolkeeper_pool::error::StoreError;
use rusqlite::{Connection, TransactionBehavior};

/// In order; a database's `user_version` says how many it has seen. Released ones never change.
pub(crate) const MIGRATIONS: &[&str] = &[
    include_str!("../../migrations/sqlite/0001_initial.sql"),
    include_str!("../../migrations/sqlite/0002_partner_api.sql"),
    include_str!("../../migrations/sqlite/0003_tenants.sql"),
    include_str!("../../migrations/sqlite/0004_turns.sql"),
    include_str!("../../migrations/sqlite/0005_key_rotation.sql"),
    include_str!("../../migrations/sqlite/0006_master_keys.sql"),
    include_str!("../../migrations/sqlite/0007_doors_and_suspensions.sql"),
    include_str!("../../migrations/sqlite/0008_outbox_by_channel.sql"),
    include_str!("../../migrations/sqlite/0009_sign_ups.sql"),
    include_str!("../../migrations/sqlite/0010_provenance.sql"),
    include_str!("../../migrations/sqlite/0011_follow_ups_and_tenant_groups.sql"),
    include_str!("../../migrations/sqlite/0012_counts.sql"),
    include_str!("../../migrations/sqlite/0013_removals.sql"),
];

/// Brings a database up to date, in one transaction.
pub(super) fn apply(connection: &mut Connection) -> Result<(), StoreError> {
    let transaction = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(unavailable)?;
    let version: i64 =
        transaction.query_row("PRAGMA user_version", [], |row| row.get(0)).map_err(unavailable)?;
    let known = MIGRATIONS.len();
    let seen = usize::try_from(version).ok().filter(|seen| *seen <= known);
    let seen = seen.ok_or_else(|| {
        StoreError::Unavailable(format!(
            "the database has schema version {version}, made by a newer release; this one knows \
             versions up to {known}"
        ))
    })?;
    for migration in MIGRATIONS.iter().skip(seen) {
        transaction.execute_batch(migration).map_err(unavailable)?;
    }
    if seen < known {
        let seen_all = format!("PRAGMA user_version = {known}");
        transaction.execute_batch(&seen_all).map_err(unavailable)?;
    }
    transaction.commit().map_err(unavailable)
}

/// Whether a database has seen all migrations.
pub(super) fn is_up_to_date(connection: &Connection) -> Result<bool, StoreError> {
    let version: i64 =
        connection.query_row("PRAGMA user_version", [], |row| row.get(0)).map_err(unavailable)?;
    Ok(usize::try_from(version).is_ok_and(|seen| seen == MIGRATIONS.len()))
}
