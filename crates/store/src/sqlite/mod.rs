//! The store over an SQLite file.

mod checkpoint;
mod connect;
mod migrations;
mod readers;
mod writer;

use crate::{changes, listing, rows, sql};
use async_trait::async_trait;
use checkpoint::Checkpoints;
use poolkeeper_pool::change::Change;
use poolkeeper_pool::entity::{
    AccessKey, AppClient, CodePurpose, Device, Grant, Group, Message, Partner, SealedKey, Session,
    Tenant, TrustedDevice, User, UserPoolRecord, VerificationCode,
};
use poolkeeper_pool::ids::{
    AccessKeyId, ClientId, DeviceKey, GroupName, MessageId, PartnerId, PoolId, SessionId, Sub,
    TenantId,
};
use poolkeeper_pool::lockout::Lockout;
use poolkeeper_pool::ports::{
    CommitError, Store, StoreError, UserCursor, UserFilter, UserNames, UserPage,
};
use poolkeeper_pool::seal::Sealed;
use poolkeeper_pool::time::Timestamp;
use readers::Readers;
use rusqlite::{params, params_from_iter};
use std::path::Path;
use tokio::sync::oneshot;
use writer::{Job, Writer};

/// Keeps the records in one SQLite file. It is meant to be opened once and shared; other processes
/// may use the file at the same time.
///
/// Dropping it waits until what was handed in for commit is done.
pub struct SqliteStore {
    readers: Readers,
    /// Taken out only when the store is dropped.
    writer: Option<Writer>,
}

impl SqliteStore {
    /// Opens a database, creates it if there is none, and brings its schema up to date. Fails on
    /// one that a newer release has brought up to date already.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        connect::create_file(path)?;
        let mut connection = connect::writer(path)?;
        migrations::apply(&mut connection)?;
        // A process that was killed has left its log; it shall not grow over several such ends.
        checkpoint::run(&connection, "TRUNCATE")?;
        let checkpoints = Checkpoints::start(connect::writer(path)?)?;
        let readers = Readers::open(path.to_owned())?;
        Ok(Self { readers, writer: Some(Writer::start(connection, checkpoints)?) })
    }
}

impl SqliteStore {
    /// Runs a query for [`rows_of`] a page.
    fn user_page(
        &self,
        pool: &PoolId,
        query: &listing::Query,
        limit: usize,
    ) -> Result<UserPage, StoreError> {
        let parameters = params_from_iter(&query.parameters);
        let parse = |row: &mut rows::Row<'_>| rows::listed_user(pool, row);
        let mut found = self.readers.all(("users", query.sql), parameters, parse)?;
        let more = found.len() > limit;
        found.truncate(limit);
        let next = found.last().filter(|_| more).map(|(_, cursor)| cursor.clone());
        Ok(UserPage { users: found.into_iter().map(|(user, _)| user).collect(), next })
    }
}

/// One row more than the page shows whether another page follows.
fn rows_of(limit: usize) -> i64 {
    i64::try_from(limit.saturating_add(1)).unwrap_or(i64::MAX)
}

impl Drop for SqliteStore {
    fn drop(&mut self) {
        // The connection closed last must be one that can write, or the log stays behind.
        self.readers.close();
        let Some(Writer { queue, thread }) = self.writer.take() else { return };
        drop(queue);
        if thread.join().is_err() {
            tracing::error!("the writer thread has failed");
        }
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn pool(&self, id: &PoolId) -> Result<Option<UserPoolRecord>, StoreError> {
        let query = ("user_pools", sql::POOL);
        self.readers.one(query, [id.as_str()], |row| rows::pool(id, row))
    }

    async fn pools(
        &self,
        after: Option<&PoolId>,
        limit: usize,
    ) -> Result<Vec<UserPoolRecord>, StoreError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let parameters = params![after.map_or("", PoolId::as_str), limit];
        self.readers.all(("user_pools", sql::LIST_POOLS), parameters, rows::listed_pool)
    }

    async fn count_users(&self, pool: &PoolId) -> Result<i64, StoreError> {
        let query = ("users", sql::COUNT_USERS);
        let count = self.readers.one(query, [pool.as_str()], |row| row.integer("the count"))?;
        Ok(count.unwrap_or_default())
    }

    async fn client(&self, id: &ClientId) -> Result<Option<AppClient>, StoreError> {
        let query = ("app_clients", sql::CLIENT);
        self.readers.one(query, [id.as_str()], |row| rows::client(id, row))
    }

    async fn clients(
        &self,
        pool: &PoolId,
        after: Option<&ClientId>,
        limit: usize,
    ) -> Result<Vec<AppClient>, StoreError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let parameters = params![pool.as_str(), after.map_or("", ClientId::as_str), limit];
        self.readers.all(("app_clients", sql::LIST_CLIENTS), parameters, rows::listed_client)
    }

    async fn find_user(
        &self,
        pool: &PoolId,
        names: &UserNames,
    ) -> Result<Option<User>, StoreError> {
        let exact =
            [(sql::USER_BY_USERNAME, names.username_key.as_str()), (sql::USER, names.sub.as_str())];
        let aliases = names.alias_keys.iter().map(|key| (sql::USER_BY_ALIAS, key.as_str()));
        // All of them, however early one leads to somebody: how many were tried must not show.
        let mut found = None;
        for (sql, name) in exact.into_iter().chain(aliases) {
            let parameters = [pool.as_str(), name];
            let user = self.readers.one(("users", sql), parameters, |row| rows::user(pool, row))?;
            found = found.or(user);
        }
        Ok(found)
    }

    async fn user(&self, pool: &PoolId, sub: &Sub) -> Result<Option<User>, StoreError> {
        let parameters = [pool.as_str(), sub.as_str()];
        self.readers.one(("users", sql::USER), parameters, |row| rows::user(pool, row))
    }

    async fn users(
        &self,
        pool: &PoolId,
        filter: Option<&UserFilter>,
        after: Option<&UserCursor>,
        limit: usize,
    ) -> Result<UserPage, StoreError> {
        match listing::query(pool, filter, after, rows_of(limit)) {
            Some(query) => self.user_page(pool, &query, limit),
            None => Ok(UserPage { users: Vec::new(), next: None }),
        }
    }

    async fn group(&self, pool: &PoolId, name: &GroupName) -> Result<Option<Group>, StoreError> {
        let parameters = [pool.as_str(), name.as_str()];
        self.readers.one(("groups", sql::GROUP), parameters, |row| rows::group(pool, row))
    }

    async fn groups(
        &self,
        pool: &PoolId,
        after: Option<&GroupName>,
        limit: usize,
    ) -> Result<Vec<Group>, StoreError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let parameters = params![pool.as_str(), after.map_or("", GroupName::as_str), limit];
        self.readers.all(("groups", sql::LIST_GROUPS), parameters, |row| rows::group(pool, row))
    }

    async fn users_in_group(
        &self,
        pool: &PoolId,
        group: &GroupName,
        after: Option<&UserCursor>,
        limit: usize,
    ) -> Result<UserPage, StoreError> {
        self.user_page(pool, &listing::in_group(pool, group, after, rows_of(limit)), limit)
    }

    async fn count_members(&self, pool: &PoolId, group: &GroupName) -> Result<u64, StoreError> {
        let query = ("memberships", sql::COUNT_MEMBERS);
        let parameters = [pool.as_str(), group.as_str()];
        let count = self.readers.one(query, parameters, |row| row.integer("the count"))?;
        Ok(count.and_then(|count| u64::try_from(count).ok()).unwrap_or_default())
    }

    async fn members_at(
        &self,
        pool: &PoolId,
        group: &GroupName,
        offset: u64,
        limit: u64,
    ) -> Result<Vec<User>, StoreError> {
        let [limit, offset] = [limit, offset].map(|n| i64::try_from(n).unwrap_or(i64::MAX));
        let parameters = params![pool.as_str(), group.as_str(), limit, offset];
        self.readers.all(("users", sql::MEMBERS_AT), parameters, |row| rows::user(pool, row))
    }

    async fn groups_of(&self, pool: &PoolId, sub: &Sub) -> Result<Vec<Group>, StoreError> {
        let parameters = [pool.as_str(), sub.as_str()];
        self.readers.all(("groups", sql::GROUPS_OF), parameters, |row| rows::group(pool, row))
    }

    async fn session(&self, pool: &PoolId, id: &SessionId) -> Result<Option<Session>, StoreError> {
        let query = ("sessions", sql::SESSION);
        let parameters = [pool.as_str(), id.as_str()];
        self.readers.one(query, parameters, |row| rows::session(pool, row))
    }

    async fn sessions_of(
        &self,
        pool: &PoolId,
        sub: &Sub,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<Session>, StoreError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let parameters = params![pool.as_str(), sub.as_str(), now.millis(), limit];
        let query = ("sessions", sql::SESSIONS_OF);
        self.readers.all(query, parameters, |row| rows::session(pool, row))
    }

    async fn device(
        &self,
        pool: &PoolId,
        sub: &Sub,
        key: &DeviceKey,
    ) -> Result<Option<Device>, StoreError> {
        let parameters = [pool.as_str(), sub.as_str(), key.as_str()];
        self.readers.one(("devices", sql::DEVICE), parameters, |row| rows::device(pool, row))
    }

    async fn devices_of(
        &self,
        pool: &PoolId,
        sub: &Sub,
        after: Option<&DeviceKey>,
        limit: usize,
    ) -> Result<Vec<Device>, StoreError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let after = after.map_or("", DeviceKey::as_str);
        let parameters = params![pool.as_str(), sub.as_str(), after, limit];
        self.readers.all(("devices", sql::DEVICES_OF), parameters, |row| rows::device(pool, row))
    }

    async fn trusted_device(
        &self,
        pool: &PoolId,
        sub: &Sub,
    ) -> Result<Option<TrustedDevice>, StoreError> {
        let query = ("trusted_devices", sql::TRUSTED_DEVICE);
        let parameters = [pool.as_str(), sub.as_str()];
        self.readers.one(query, parameters, |row| rows::trusted_device((pool, sub), row))
    }

    async fn kept_session(&self, pool: &PoolId, name: &str) -> Result<Option<Sealed>, StoreError> {
        let query = ("kept_sessions", sql::KEPT_SESSION);
        self.readers.one(query, [pool.as_str(), name], |row| row.sealed("session"))
    }

    async fn code(
        &self,
        pool: &PoolId,
        subject: &str,
        purpose: CodePurpose,
    ) -> Result<Option<VerificationCode>, StoreError> {
        let query = ("verification_codes", sql::CODE);
        let parameters = [pool.as_str(), subject, purpose.as_str()];
        self.readers.one(query, parameters, |row| rows::code((pool, subject, purpose), row))
    }

    async fn lockout(&self, pool: &PoolId, subject: &str) -> Result<Option<Lockout>, StoreError> {
        let query = ("lockouts", sql::LOCKOUT);
        let parameters = [pool.as_str(), subject];
        self.readers.one(query, parameters, |row| rows::lockout(pool, subject, row))
    }

    async fn signing_keys(&self, pool: &PoolId) -> Result<Vec<SealedKey>, StoreError> {
        let query = ("signing_keys", sql::SIGNING_KEYS);
        self.readers.all(query, [pool.as_str()], |row| rows::signing_key(pool, row))
    }

    async fn partner(&self, pool: &PoolId, id: &PartnerId) -> Result<Option<Partner>, StoreError> {
        let query = ("partners", sql::PARTNER);
        let parameters = [pool.as_str(), id.as_str()];
        self.readers.one(query, parameters, |row| rows::partner(pool, id, row))
    }

    async fn partners(&self, pool: &PoolId) -> Result<Vec<Partner>, StoreError> {
        let parse = |row: &mut rows::Row<'_>| rows::listed_partner(pool, row);
        self.readers.all(("partners", sql::PARTNERS), [pool.as_str()], parse)
    }

    async fn grants(&self, pool: &PoolId, groups: &[GroupName]) -> Result<Vec<Grant>, StoreError> {
        let mut grants = Vec::new();
        for group in groups {
            let query = ("permissions", sql::GRANTS_OF);
            let parameters = [pool.as_str(), group.as_str()];
            grants.extend(self.readers.all(query, parameters, |row| rows::grant(pool, row))?);
        }
        Ok(grants)
    }

    async fn all_grants(&self, pool: &PoolId) -> Result<Vec<Grant>, StoreError> {
        let query = ("permissions", sql::GRANTS);
        self.readers.all(query, [pool.as_str()], |row| rows::grant(pool, row))
    }

    async fn tenant_or_other(&self, key: &str) -> Result<Option<Tenant>, StoreError> {
        self.readers.one(("tenants", sql::TENANT_OR_OTHER), [key], rows::tenant)
    }

    async fn tenant(&self, id: &TenantId) -> Result<Option<Tenant>, StoreError> {
        self.readers.one(("tenants", sql::TENANT), [id.as_str()], rows::tenant)
    }

    async fn tenants(&self, after: &str, limit: usize) -> Result<Vec<Tenant>, StoreError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.readers.all(("tenants", sql::LIST_TENANTS), params![after, limit], rows::tenant)
    }

    async fn credential(
        &self,
        tenant: &Tenant,
        username_key: &str,
    ) -> Result<Option<User>, StoreError> {
        let query = ("users", sql::CREDENTIAL);
        let parameters = [tenant.pool.as_str(), username_key, tenant.id.as_str()];
        self.readers.one(query, parameters, |row| rows::user(&tenant.pool, row))
    }

    async fn credentials(
        &self,
        tenant: &Tenant,
        after: Option<&UserCursor>,
        limit: usize,
    ) -> Result<UserPage, StoreError> {
        let query = listing::credentials(tenant, after, rows_of(limit));
        self.user_page(&tenant.pool, &query, limit)
    }

    async fn access_key(&self, id: &AccessKeyId) -> Result<Option<AccessKey>, StoreError> {
        let query = ("access_keys", sql::ACCESS_KEY);
        self.readers.one(query, [id.as_str()], |row| rows::access_key(id, row))
    }

    async fn messages(&self, limit: usize) -> Result<Vec<Message>, StoreError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.readers.all(("outbox", sql::MESSAGES), params![limit], rows::message)
    }

    async fn due_messages(&self, now: Timestamp, limit: usize) -> Result<Vec<Message>, StoreError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let parameters = params![now.millis(), limit];
        self.readers.all(("outbox", sql::DUE_MESSAGES), parameters, rows::message)
    }

    async fn undelivered_messages(
        &self,
        after: Option<(Timestamp, &MessageId)>,
        limit: usize,
    ) -> Result<Vec<Message>, StoreError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let (at, id) = after.map_or((i64::MIN, ""), |(at, id)| (at.millis(), id.as_str()));
        let query = ("outbox", sql::UNDELIVERED_MESSAGES);
        self.readers.all(query, params![at, id, limit], rows::message)
    }

    async fn commit(&self, changes: Vec<Change>) -> Result<(), CommitError> {
        let ended = || StoreError::Unavailable("the writer thread has ended".to_owned());
        let changes = changes.iter().map(changes::statements).collect::<Result<Vec<_>, _>>()?;
        if changes.is_empty() {
            return Ok(());
        }
        let (answer, answered) = oneshot::channel();
        let writer = self.writer.as_ref().ok_or_else(ended)?;
        writer.queue.send(Job { changes, answer }).await.map_err(|_| ended())?;
        answered.await.map_err(|_| ended())?
    }
}

#[expect(clippy::needless_pass_by_value, reason = "what `map_err` hands over")]
fn unavailable(error: rusqlite::Error) -> StoreError {
    StoreError::Unavailable(error.to_string())
}

#[cfg(test)]
mod tests;
