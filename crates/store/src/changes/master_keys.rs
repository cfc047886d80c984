//! Which master keys seal the database, and what is sealed anew under another one.

use super::name;
use crate::sql;
use crate::statement::{Statement, values};
use poolkeeper_pool::entity::{MasterKeyRecord, MasterKeyState};
use poolkeeper_pool::ports::StoreError;
use poolkeeper_pool::resealing::{SealedPlace, SealedRow};
use poolkeeper_pool::time::Timestamp;

const TABLE: &str = "master_keys";

pub(super) fn create(key: &MasterKeyRecord) -> Result<Statement, StoreError> {
    let (state, missed) = (name(TABLE, key.state)?, i64::from(key.is_missed));
    let parameters = values![key.generation, state, &key.digest_key, key.since, missed];
    Ok(Statement::guarded(sql::CREATE_MASTER_KEY, parameters))
}

pub(super) fn advance(
    generation: i64,
    (from, to): (MasterKeyState, MasterKeyState),
    at: Timestamp,
) -> Result<Statement, StoreError> {
    let parameters = values![name(TABLE, to)?, at, generation, name(TABLE, from)?];
    Ok(Statement::guarded(sql::ADVANCE_MASTER_KEY, parameters))
}

pub(super) fn miss(generation: i64) -> Statement {
    Statement::unguarded(sql::MISS_MASTER_KEY, values![generation])
}

pub(super) fn delete(generation: i64, state: MasterKeyState) -> Result<Statement, StoreError> {
    let parameters = values![generation, name(TABLE, state)?];
    Ok(Statement::guarded(sql::DELETE_MASTER_KEY, parameters))
}

pub(super) fn reseal(before: &SealedRow, after: &SealedRow) -> Statement {
    let (pool, id) = (before.key.pool.as_str(), before.key.id.as_str());
    let (old, new) = (before.value.as_ref(), after.value.as_ref());
    let (old_text, new_text) = (before.settings.clone(), after.settings.clone());
    let one = |sql| (sql, values![new, pool, id, old]);
    let (sql, parameters) = match before.place {
        SealedPlace::SigningKeys => one(sql::RESEAL_SIGNING_KEY),
        SealedPlace::Messages => one(sql::RESEAL_MESSAGE),
        SealedPlace::KeptSessions => one(sql::RESEAL_KEPT_SESSION),
        SealedPlace::Users => (sql::RESEAL_USER, values![new, new_text, pool, id, old, old_text]),
        SealedPlace::Clients => (sql::RESEAL_CLIENT, values![new_text, pool, id, old_text]),
        SealedPlace::AccessKeys => (sql::RESEAL_ACCESS_KEY, values![new, id, old]),
        SealedPlace::Devices => {
            let device = before.key.device.as_str();
            (sql::RESEAL_DEVICE, values![new, pool, id, device, old])
        }
    };
    Statement::unguarded(sql, parameters)
}
