//! Devices that users have confirmed, and those that sign-ins are remembered on.

use crate::sql;
use crate::statement::{Statement, values};
use poolkeeper_pool::entity::{Device, TrustedDevice};
use poolkeeper_pool::ids::{DeviceKey, PoolId, Sub};
use poolkeeper_pool::time::Timestamp;

pub(super) fn create(device: &Device) -> Statement {
    let parameters = values![
        device.pool.as_str(),
        device.sub.as_str(),
        device.key.as_str(),
        device.group_key.as_str(),
        device.name.as_deref(),
        &device.verifier,
        i64::from(device.remembered),
        device.created_at,
        device.modified_at,
        device.last_authenticated_at,
        device.last_address.as_deref(),
        device.version,
    ];
    Statement::guarded(sql::CREATE_DEVICE, parameters)
}

/// Key and verifier stay: a device with another secret is another device.
pub(super) fn update(device: &Device) -> Statement {
    let parameters = values![
        device.name.as_deref(),
        i64::from(device.remembered),
        device.modified_at,
        device.pool.as_str(),
        device.sub.as_str(),
        device.key.as_str(),
        device.version,
    ];
    Statement::guarded(sql::UPDATE_DEVICE, parameters)
}

pub(super) fn expect((pool, sub, key): (&PoolId, &Sub, &DeviceKey), version: i64) -> Statement {
    let parameters = values![pool.as_str(), sub.as_str(), key.as_str(), version];
    Statement::guarded(sql::EXPECT_DEVICE, parameters)
}

pub(super) fn touch(
    (pool, sub, key): (&PoolId, &Sub, &DeviceKey),
    at: Timestamp,
    address: Option<&str>,
) -> Statement {
    let parameters = values![at, address, pool.as_str(), sub.as_str(), key.as_str()];
    Statement::unguarded(sql::TOUCH_DEVICE, parameters)
}

pub(super) fn delete(pool: &PoolId, sub: &Sub, key: &DeviceKey) -> Statement {
    Statement::guarded(sql::DELETE_DEVICE, values![pool.as_str(), sub.as_str(), key.as_str()])
}

pub(super) fn delete_stale(pool: &PoolId, sub: &Sub, keep: u32) -> Statement {
    let parameters = values![pool.as_str(), sub.as_str(), i64::from(keep)];
    Statement::unguarded(sql::DELETE_STALE_DEVICES, parameters)
}

pub(super) fn delete_all_of(pool: &PoolId, sub: &Sub) -> Vec<Statement> {
    let both = [sql::DELETE_DEVICES_OF, sql::DELETE_TRUSTED_DEVICE].into_iter();
    both.map(|sql| Statement::unguarded(sql, values![pool.as_str(), sub.as_str()])).collect()
}

pub(super) fn put_trusted(device: &TrustedDevice) -> Statement {
    let TrustedDevice { pool, sub, digest, expires_at } = device;
    let parameters = values![pool.as_str(), sub.as_str(), digest.as_str(), *expires_at];
    Statement::unguarded(sql::PUT_TRUSTED_DEVICE, parameters)
}
