//! What each change means in SQL.

mod devices;
mod follow_ups;
mod groups;
mod master_keys;
mod messages;
mod pools;
pub(crate) mod removals;
mod sign_ins;
mod tenants;
mod users;

pub(crate) use sign_ins::{quota_windows, remove_expired};

use crate::statement::Statement;
use poolkeeper_pool::change::Change;
use poolkeeper_pool::error::StoreError;
use serde::Serialize;

/// The statements that make up a change, in the order in which they run.
#[expect(clippy::too_many_lines, reason = "a table: a line or two for each kind of change")]
pub(crate) fn statements(change: &Change) -> Result<Vec<Statement>, StoreError> {
    Ok(match change {
        Change::CreatePool(pool) => pools::create(pool)?,
        Change::UpdatePool(pool) => vec![pools::update(pool)?],
        Change::DeletePool { pool, version } => pools::delete(pool, *version),
        Change::CreateClient(client) => pools::create_client(client)?,
        Change::UpdateClient(client) => vec![pools::update_client(client)?],
        Change::DeleteClient { pool, id } => pools::delete_client(pool, id),
        Change::CreateSigningKey(key) => vec![pools::create_signing_key(key)?],
        Change::UpdateSigningKey(key) => vec![pools::update_signing_key(key)],
        Change::DeleteSigningKey { pool, id } => vec![pools::delete_signing_key(pool, id)],
        Change::CreatePartner(partner) => vec![pools::create_partner(partner)?],
        Change::UpdatePartner { before, after } => vec![pools::update_partner(before, after)?],
        Change::Grant(grant) => pools::grant(grant),
        Change::RevokeGrant(grant) => vec![pools::revoke_grant(grant)],
        Change::CreateTenant(tenant) => vec![tenants::create(tenant)],
        Change::UpdateTenant { before, after } => vec![tenants::update(before, after)],
        Change::DeleteTenant(tenant) => vec![tenants::delete(tenant)],
        Change::AddCredential { pool, sub, tenant } => {
            vec![tenants::add_credential(pool, sub, tenant)]
        }
        Change::RemoveCredential { pool, sub } => vec![tenants::remove_credential(pool, sub)],
        Change::PutAccessKey(key) => vec![pools::put_access_key(key)?],

        Change::CreateUser { user, username_key } => users::create(user, username_key)?,
        Change::UpdateUser(user) => users::update(user)?,
        Change::DeleteUser { pool, sub, version } => users::delete(pool, sub, *version),
        Change::ExpectUser { pool, sub, version } => vec![users::expect(pool, sub, *version)],
        Change::TouchLockout { pool, subject } => vec![sign_ins::touch_lockout(pool, subject)],
        Change::LookForUser { pool } => vec![users::look_for(pool)],
        Change::AddAlias { pool, sub, key } => vec![users::add_alias(pool, sub, key)],
        Change::TakeAlias { pool, sub, key } => vec![users::take_alias(pool, sub, key)],
        Change::RemoveAlias { pool, sub, key } => vec![users::remove_alias(pool, sub, key)],
        Change::CreateGroup(group) => groups::create(group),
        Change::UpdateGroup { before, after } => vec![groups::update(before, after)],
        Change::DeleteGroup { pool, name } => groups::delete(pool, name),
        Change::AddToGroup { pool, sub, group } => groups::add(pool, sub, group),
        Change::JoinGroup { pool, sub, group } => groups::join(pool, sub, group),
        Change::RemoveFromGroup { pool, sub, group } => vec![groups::remove(pool, sub, group)],
        Change::PutSuspension(suspension) => vec![groups::put_suspension(suspension)],
        Change::LiftSuspension { pool, sub, partner } => {
            vec![groups::lift_suspension(pool, sub, partner)]
        }
        Change::ForgetSuspension { pool, sub } => vec![groups::forget_suspension(pool, sub)],
        Change::PutFollowUp(follow_up) => vec![follow_ups::put(follow_up)?],
        Change::TryFollowUp { id, attempts, due } => {
            vec![follow_ups::note_attempt(id, *attempts, *due)]
        }
        Change::DeleteFollowUp { id } => vec![follow_ups::delete(id)],

        Change::CreateSession(session) => vec![sign_ins::create_session(session)?],
        Change::RotateSession { pool, id, rotation, at } => {
            vec![sign_ins::rotate_session(pool, id, *rotation, *at)]
        }
        Change::RevokeSession { pool, id, at } => vec![sign_ins::revoke_session(pool, id, *at)],
        Change::RevokeSessionsOf { pool, sub, at } => {
            vec![sign_ins::revoke_sessions_of(pool, sub, *at)]
        }
        Change::RevokeStaleSessions { pool, sub, at, keep } => {
            vec![sign_ins::revoke_stale_sessions((pool, sub), *at, *keep)]
        }
        Change::CreateDevice(device) => vec![devices::create(device)],
        Change::UpdateDevice(device) => vec![devices::update(device)],
        Change::ExpectDevice { pool, sub, key, version } => {
            vec![devices::expect((pool, sub, key), *version)]
        }
        Change::TouchDevice { pool, sub, key, at, address } => {
            vec![devices::touch((pool, sub, key), *at, address.as_deref())]
        }
        Change::DeleteDevice { pool, sub, key } => vec![devices::delete(pool, sub, key)],
        Change::DeleteStaleDevices { pool, sub, keep } => {
            vec![devices::delete_stale(pool, sub, *keep)]
        }
        Change::PutTrustedDevice(device) => vec![devices::put_trusted(device)],
        Change::DeleteDevicesOf { pool, sub } => devices::delete_all_of(pool, sub),
        Change::KeepSession { pool, name, session, until } => {
            vec![sign_ins::keep_session((pool, name), session, *until)]
        }
        Change::Spend { pool, spent, until } => vec![sign_ins::spend(pool, spent, *until)],
        Change::PutSignUp { pool, sub, until } => vec![sign_ins::put_sign_up(pool, sub, *until)],
        Change::RemoveSignUp { pool, sub } => vec![sign_ins::remove_sign_up(pool, sub)],
        Change::PutCode(code) => vec![sign_ins::put_code(code)?],
        Change::SpendCode(code) => vec![sign_ins::spend_code(code)],
        Change::UseQuota(used) | Change::UseSilentQuota(used) => vec![sign_ins::use_quota(used)],
        Change::SetLockout(lockout) => vec![sign_ins::set_lockout(lockout)],
        Change::ClearLockout { pool, subject, version } => {
            vec![sign_ins::clear_lockout(pool, subject, *version)]
        }
        Change::ExpectNoLockout { pool, subject } => sign_ins::expect_no_lockout(pool, subject),
        Change::Enqueue(message) => vec![messages::enqueue(message)?],
        Change::AdvanceMessage { pool, id, attempts, progress } => {
            vec![messages::advance(pool, id, *attempts, progress)]
        }
        Change::RemoveMessage { pool, id } => vec![messages::remove(pool, id)],
        Change::MasterKey(change) => vec![master_keys::statement(change)?],
        Change::Reseal { before, after } => vec![master_keys::reseal(before, after)],
    })
}

fn json<T: Serialize>(table: &'static str, value: &T) -> Result<String, StoreError> {
    let unwritable = |_| StoreError::Inconsistent { table, reason: "no JSON form".to_owned() };
    serde_json::to_string(value).map_err(unwritable)
}

/// The name of an enum's variant as serde spells it.
pub(crate) fn name<T: Serialize>(table: &'static str, value: T) -> Result<String, StoreError> {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(name)) => Ok(name),
        _ => Err(StoreError::Inconsistent { table, reason: "no name".to_owned() }),
    }
}
