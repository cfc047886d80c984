//! Which master keys seal the database, and what is sealed anew under another one.

use super::name;
use crate::sql;
use crate::statement::{Statement, values};
use poolkeeper_pool::change::MasterKeyChange;
use poolkeeper_pool::crypto::resealing::{SealedPlace, SealedRow};
use poolkeeper_pool::error::StoreError;

const TABLE: &str = "master_keys";

pub(super) fn statement(change: &MasterKeyChange) -> Result<Statement, StoreError> {
    Ok(match change {
        MasterKeyChange::Create(key) => {
            let (state, missed) = (name(TABLE, key.state)?, i64::from(key.is_missed));
            let parameters = values![key.generation, state, &key.digest_key, key.since, missed];
            Statement::guarded(sql::CREATE_MASTER_KEY, parameters)
        }
        MasterKeyChange::Advance { generation, from, to, at } => {
            let parameters = values![name(TABLE, to)?, *at, *generation, name(TABLE, from)?];
            Statement::guarded(sql::ADVANCE_MASTER_KEY, parameters)
        }
        MasterKeyChange::Miss { generation } => {
            Statement::unguarded(sql::MISS_MASTER_KEY, values![*generation])
        }
        MasterKeyChange::Delete { generation, state } => {
            let parameters = values![*generation, name(TABLE, state)?];
            Statement::guarded(sql::DELETE_MASTER_KEY, parameters)
        }
    })
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
