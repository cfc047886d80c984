//! The port of the engine over whichever database: which statement answers which question.

use crate::changes::removals::Removal;
use crate::database::Database;
use crate::rows::{self, Parsed, Row};
use crate::sql::removal;
use crate::statement::{Effort, Query, Statement, Value, values};
use crate::{changes, keys, listing, rate_limits, sql};
use async_trait::async_trait;
use poolkeeper_pool::change::Change;
use poolkeeper_pool::crypto::resealing::{RowKey, SealedPlace, SealedRow};
use poolkeeper_pool::crypto::seal::Sealed;
use poolkeeper_pool::entity::{
    AccessKey, AppClient, Channel, CodePurpose, Device, FollowUp, Grant, Group, MasterKeyRecord,
    Message, Partner, SealedKey, Session, Suspension, Tenant, TrustedDevice, User, UserPoolRecord,
    VerificationCode,
};
use poolkeeper_pool::error::{CommitError, StoreError};
use poolkeeper_pool::ids::{
    AccessKeyId, ClientId, DeviceKey, GroupName, MessageId, PartnerId, PoolId, SessionId, Sub,
    TenantId,
};
use poolkeeper_pool::limits::lockout::Lockout;
use poolkeeper_pool::limits::quota::Use;
use poolkeeper_pool::limits::rate_limit::{RateDecision, RateLimit, TheoreticalArrival};
use poolkeeper_pool::ports::{
    MemberSlice, Store, TokenNames, TokenRecords, UserCursor, UserFilter, UserNames, UserOrOther,
    UserPage,
};
use poolkeeper_pool::time::Timestamp;
use std::collections::BTreeMap;

/// Keeps the records in a database.
pub struct SqlStore<D>(pub(crate) D);

impl<D: Database> SqlStore<D> {
    /// The row of a query that finds one at most.
    pub(crate) async fn one<T: Send>(
        &self,
        query: (&'static str, &'static str),
        parameters: Vec<Value>,
        parse: impl Fn(&mut Row<'_>) -> Parsed<T> + Send,
    ) -> Result<Option<T>, StoreError> {
        Ok(self.all(query, parameters, parse).await?.into_iter().next())
    }

    async fn all<T: Send>(
        &self,
        (table, sql): (&'static str, &'static str),
        parameters: Vec<Value>,
        parse: impl Fn(&mut Row<'_>) -> Parsed<T> + Send,
    ) -> Result<Vec<T>, StoreError> {
        self.read(Query { table, sql, effort: Effort::Lookup, parameters }, parse).await
    }

    /// The rows of a query that may take long. No sign-in and no check of a token makes one.
    pub(crate) async fn list<T: Send>(
        &self,
        (table, sql): (&'static str, &'static str),
        parameters: Vec<Value>,
        parse: impl Fn(&mut Row<'_>) -> Parsed<T> + Send,
    ) -> Result<Vec<T>, StoreError> {
        self.read(Query { table, sql, effort: Effort::Listing, parameters }, parse).await
    }

    /// Every read goes through here, and says so without the values that it asks for.
    async fn read<T: Send>(
        &self,
        query: Query,
        parse: impl Fn(&mut Row<'_>) -> Parsed<T> + Send,
    ) -> Result<Vec<T>, StoreError> {
        debug_assert!(sql::is_known(query.sql), "{}: it has no plan", query.sql);
        tracing::trace!(table = query.table, sql = query.sql, effort = ?query.effort, "read");
        self.0.all(query, parse).await
    }

    /// And every commit through here.
    pub(crate) async fn run(&self, changes: Vec<Vec<Statement>>) -> Result<Vec<u64>, CommitError> {
        let mut statements = changes.iter().flatten();
        debug_assert!(statements.all(|statement| sql::is_known(statement.sql)));
        tracing::trace!(changes = changes.len(), "commit");
        self.0.commit(changes).await
    }

    /// Whom the first of these names leads to that leads to anybody.
    async fn named(&self, pool: &PoolId, names: &UserNames) -> Result<Option<Sub>, StoreError> {
        let UserNames { username_key, sub, alias_keys } = names;
        let exact = [username_key, sub.as_str()];
        let mut aliases = alias_keys.iter().map(|key| keys::whole(key.as_str()));
        let mut found = None;
        // One statement takes as many names as a pool has kinds of alias today.
        loop {
            let [first, second, third] =
                std::array::from_fn(|_| aliases.next().unwrap_or_default());
            let parameters = values![pool.as_str(), exact[0], exact[1], &*first, &*second, &*third];
            let query = ("users", sql::SUBS_BY_NAME);
            let subs = self.all(query, parameters, rows::sub_by_name).await?;
            found = found.or(subs.into_iter().min().map(|(_, sub)| sub));
            if aliases.len() == 0 {
                return Ok(found);
            }
        }
    }

    /// Runs a query for [`rows_of`] a page.
    async fn user_page(
        &self,
        pool: &PoolId,
        query: Query,
        limit: usize,
    ) -> Result<UserPage, StoreError> {
        let mut found = self.read(query, |row| rows::listed_user(pool, row)).await?;
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

/// A list as a parameter.
fn list_of<T>(items: &[T], text: impl Fn(&T) -> &str) -> Value {
    items.iter().map(text).collect()
}

#[async_trait]
impl<D: Database> Store for SqlStore<D> {
    async fn pool(&self, id: &PoolId) -> Result<Option<UserPoolRecord>, StoreError> {
        let query = ("user_pools", sql::POOL);
        self.one(query, values![id.as_str()], |row| rows::pool(id, row)).await
    }

    async fn pools(
        &self,
        after: Option<&PoolId>,
        limit: usize,
    ) -> Result<Vec<UserPoolRecord>, StoreError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let parameters = values![after.map_or("", PoolId::as_str), limit];
        self.list(("user_pools", sql::LIST_POOLS), parameters, rows::listed_pool).await
    }

    async fn counted_pool(&self, id: &PoolId) -> Result<Option<(UserPoolRecord, i64)>, StoreError> {
        let query = ("user_pools", sql::COUNTED_POOL);
        let parse = |row: &mut Row<'_>| rows::counted_pool(id, row);
        Ok(self.list(query, values![id.as_str()], parse).await?.pop())
    }

    async fn client(&self, id: &ClientId) -> Result<Option<AppClient>, StoreError> {
        let query = ("app_clients", sql::CLIENT);
        self.one(query, values![id.as_str()], |row| rows::client(id, row)).await
    }

    async fn clients(
        &self,
        pool: &PoolId,
        after: Option<&ClientId>,
        limit: usize,
    ) -> Result<Vec<AppClient>, StoreError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let parameters = values![pool.as_str(), after.map_or("", ClientId::as_str), limit];
        self.list(("app_clients", sql::LIST_CLIENTS), parameters, rows::listed_client).await
    }

    async fn user_or_other(
        &self,
        pool: &PoolId,
        names: &UserNames,
        place: &Sub,
    ) -> Result<Option<UserOrOther>, StoreError> {
        let found = self.named(pool, names).await?;
        // One record is read, whether or not it is the one asked for.
        let sub = found.as_ref().unwrap_or(place);
        let parameters = values![pool.as_str(), sub.as_str()];
        let user = self.one(("users", sql::USER_OR_OTHER), parameters, rows::user_of_any).await?;
        Ok(user.map(|user| {
            let is_named = user.pool == *pool && found.as_ref() == Some(&user.sub);
            if is_named { UserOrOther::Named(user) } else { UserOrOther::Other(user) }
        }))
    }

    async fn user(&self, pool: &PoolId, sub: &Sub) -> Result<Option<User>, StoreError> {
        let parameters = values![pool.as_str(), sub.as_str()];
        self.one(("users", sql::USER), parameters, |row| rows::user(pool, row)).await
    }

    async fn users(
        &self,
        pool: &PoolId,
        filter: Option<&UserFilter>,
        after: Option<&UserCursor>,
        limit: usize,
    ) -> Result<UserPage, StoreError> {
        let query = listing::query(pool, filter, after, rows_of(limit));
        self.user_page(pool, query, limit).await
    }

    async fn group(&self, pool: &PoolId, name: &GroupName) -> Result<Option<Group>, StoreError> {
        let parameters = values![pool.as_str(), name.as_str()];
        self.one(("groups", sql::GROUP), parameters, |row| rows::group(pool, row)).await
    }

    async fn groups(
        &self,
        pool: &PoolId,
        after: Option<&GroupName>,
        limit: usize,
    ) -> Result<Vec<Group>, StoreError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let parameters = values![pool.as_str(), after.map_or("", GroupName::as_str), limit];
        self.list(("groups", sql::LIST_GROUPS), parameters, |row| rows::group(pool, row)).await
    }

    async fn users_in_group(
        &self,
        pool: &PoolId,
        group: &GroupName,
        after: Option<&UserCursor>,
        limit: usize,
    ) -> Result<UserPage, StoreError> {
        self.user_page(pool, listing::in_group(pool, group, after, rows_of(limit)), limit).await
    }

    async fn member_slice(
        &self,
        pool: &PoolId,
        group: &GroupName,
        offset: u64,
        limit: u64,
    ) -> Result<Option<MemberSlice>, StoreError> {
        let [limit, offset] = [limit, offset].map(|n| i64::try_from(n).unwrap_or(i64::MAX));
        let query = ("user_pools", sql::GROUP_PLACE);
        let parameters = values![pool.as_str(), group.as_str(), offset];
        let parse = |row: &mut Row<'_>| rows::group_place(pool, offset, row);
        let place = self.list(query, parameters, parse).await?.pop();
        let Some(rows::GroupPlace { pool: record, exists, total, start }) = place else {
            return Ok(None);
        };
        if !exists {
            return Ok(Some(MemberSlice { pool: record, members: None }));
        }
        let users = match start {
            None => Vec::new(),
            Some((from, skip)) => {
                let parameters = values![pool.as_str(), group.as_str(), from, limit, skip];
                let query = ("users", sql::MEMBERS_FROM);
                self.list(query, parameters, |row| rows::user(pool, row)).await?
            }
        };
        Ok(Some(MemberSlice { pool: record, members: Some((total, users)) }))
    }

    async fn groups_of(&self, pool: &PoolId, sub: &Sub) -> Result<Vec<Group>, StoreError> {
        let parameters = values![pool.as_str(), sub.as_str()];
        self.all(("groups", sql::GROUPS_OF), parameters, |row| rows::group(pool, row)).await
    }

    async fn groups_of_each(
        &self,
        pool: &PoolId,
        subs: &[Sub],
    ) -> Result<BTreeMap<Sub, Vec<Group>>, StoreError> {
        let mut groups: BTreeMap<_, Vec<_>> = BTreeMap::new();
        if subs.is_empty() {
            return Ok(groups);
        }
        let parameters = values![pool.as_str(), list_of(subs, Sub::as_str)];
        let query = ("groups", sql::GROUPS_OF_EACH);
        for (sub, group) in self.list(query, parameters, |row| rows::group_of(pool, row)).await? {
            groups.entry(sub).or_default().extend(group);
        }
        Ok(groups)
    }

    async fn token_records(
        &self,
        pool: &PoolId,
        names: &TokenNames,
    ) -> Result<Option<TokenRecords>, StoreError> {
        let TokenNames { client, session, sub } = names;
        let session = session.as_ref().map(SessionId::as_str);
        let parameters = values![client.as_str(), pool.as_str(), session, sub.as_str()];
        let parse = |row: &mut Row<'_>| rows::token_records(pool, names, row);
        self.one(("user_pools", sql::TOKEN_RECORDS), parameters, parse).await
    }

    async fn session(&self, pool: &PoolId, id: &SessionId) -> Result<Option<Session>, StoreError> {
        let query = ("sessions", sql::SESSION);
        let parameters = values![pool.as_str(), id.as_str()];
        self.one(query, parameters, |row| rows::session(pool, row)).await
    }

    async fn sessions_of(
        &self,
        pool: &PoolId,
        sub: &Sub,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<Session>, StoreError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let parameters = values![pool.as_str(), sub.as_str(), now.millis(), limit];
        let query = ("sessions", sql::SESSIONS_OF);
        self.list(query, parameters, |row| rows::session(pool, row)).await
    }

    async fn device(
        &self,
        pool: &PoolId,
        sub: &Sub,
        key: &DeviceKey,
    ) -> Result<Option<Device>, StoreError> {
        let parameters = values![pool.as_str(), sub.as_str(), key.as_str()];
        self.one(("devices", sql::DEVICE), parameters, |row| rows::device(pool, row)).await
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
        let parameters = values![pool.as_str(), sub.as_str(), after, limit];
        self.list(("devices", sql::DEVICES_OF), parameters, |row| rows::device(pool, row)).await
    }

    async fn trusted_device(
        &self,
        pool: &PoolId,
        sub: &Sub,
    ) -> Result<Option<TrustedDevice>, StoreError> {
        let query = ("trusted_devices", sql::TRUSTED_DEVICE);
        let parameters = values![pool.as_str(), sub.as_str()];
        self.one(query, parameters, |row| rows::trusted_device((pool, sub), row)).await
    }

    async fn kept_session(&self, pool: &PoolId, name: &str) -> Result<Option<Sealed>, StoreError> {
        let query = ("kept_sessions", sql::KEPT_SESSION);
        self.one(query, values![pool.as_str(), name], |row| row.sealed("session")).await
    }

    async fn code(
        &self,
        pool: &PoolId,
        subject: &str,
        purpose: CodePurpose,
    ) -> Result<Option<VerificationCode>, StoreError> {
        let query = ("verification_codes", sql::CODE);
        let parameters = values![pool.as_str(), subject, purpose.as_str()];
        self.one(query, parameters, |row| rows::code((pool, subject, purpose), row)).await
    }

    async fn is_used_up(&self, next: &Use) -> Result<bool, StoreError> {
        let Use { pool, subject, quota, limit, at } = next;
        let (over, ahead) = changes::quota_windows(*at);
        let place = (pool.as_str(), subject.as_str(), quota.as_str());
        let parameters = values![place.0, place.1, place.2, over, ahead, *limit];
        let used = self.one(("quotas", sql::USED_UP), parameters, |row| row.integer("used"));
        Ok(used.await?.is_some())
    }

    async fn lockout(&self, pool: &PoolId, subject: &str) -> Result<Option<Lockout>, StoreError> {
        let query = ("lockouts", sql::LOCKOUT);
        let parameters = values![pool.as_str(), subject];
        self.one(query, parameters, |row| rows::lockout(pool, subject, row)).await
    }

    async fn signing_keys(&self, pool: &PoolId) -> Result<Vec<SealedKey>, StoreError> {
        let query = ("signing_keys", sql::SIGNING_KEYS);
        self.all(query, values![pool.as_str()], |row| rows::signing_key(pool, row)).await
    }

    async fn partner(&self, pool: &PoolId, id: &PartnerId) -> Result<Option<Partner>, StoreError> {
        let query = ("partners", sql::PARTNER);
        let parameters = values![pool.as_str(), id.as_str()];
        self.one(query, parameters, |row| rows::partner(pool, id, row)).await
    }

    async fn partners_named(
        &self,
        pool: &PoolId,
        ids: &[PartnerId],
    ) -> Result<Vec<Partner>, StoreError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let query = ("partners", sql::PARTNERS_NAMED);
        let parameters = values![pool.as_str(), list_of(ids, PartnerId::as_str)];
        self.all(query, parameters, |row| rows::listed_partner(pool, row)).await
    }

    async fn partners(&self, pool: &PoolId) -> Result<Vec<Partner>, StoreError> {
        let parse = |row: &mut Row<'_>| rows::listed_partner(pool, row);
        self.list(("partners", sql::PARTNERS), values![pool.as_str()], parse).await
    }

    async fn grants(&self, pool: &PoolId, groups: &[GroupName]) -> Result<Vec<Grant>, StoreError> {
        if groups.is_empty() {
            return Ok(Vec::new());
        }
        let query = ("permissions", sql::GRANTS_OF);
        let parameters = values![pool.as_str(), list_of(groups, GroupName::as_str)];
        self.all(query, parameters, |row| rows::grant(pool, row)).await
    }

    async fn all_grants(&self, pool: &PoolId) -> Result<Vec<Grant>, StoreError> {
        let query = ("permissions", sql::GRANTS);
        self.list(query, values![pool.as_str()], |row| rows::grant(pool, row)).await
    }

    async fn tenant_or_other(&self, key: &str) -> Result<Option<Tenant>, StoreError> {
        self.one(("tenants", sql::TENANT_OR_OTHER), values![key], rows::tenant).await
    }

    async fn tenant(&self, id: &TenantId) -> Result<Option<Tenant>, StoreError> {
        self.one(("tenants", sql::TENANT), values![id.as_str()], rows::tenant).await
    }

    async fn tenants(&self, after: &str, limit: usize) -> Result<Vec<Tenant>, StoreError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.list(("tenants", sql::LIST_TENANTS), values![after, limit], rows::tenant).await
    }

    async fn tenants_of_groups(
        &self,
        pool: &PoolId,
        groups: &[GroupName],
    ) -> Result<Vec<Tenant>, StoreError> {
        if groups.is_empty() {
            return Ok(Vec::new());
        }
        let query = ("tenants", sql::TENANTS_OF_GROUPS);
        let parameters = values![pool.as_str(), list_of(groups, GroupName::as_str)];
        let mut tenants = self.all(query, parameters, rows::tenant).await?;
        // Both groups of a tenant may be among them.
        tenants.sort_by(|one: &Tenant, other| one.id.cmp(&other.id));
        tenants.dedup_by(|one, other| one.id == other.id);
        Ok(tenants)
    }

    async fn credential(
        &self,
        tenant: &Tenant,
        username_key: &str,
    ) -> Result<Option<User>, StoreError> {
        let query = ("users", sql::CREDENTIAL);
        let parameters = values![tenant.pool.as_str(), username_key, tenant.id.as_str()];
        self.one(query, parameters, |row| rows::user(&tenant.pool, row)).await
    }

    async fn credentials(
        &self,
        tenant: &Tenant,
        after: Option<&UserCursor>,
        limit: usize,
    ) -> Result<UserPage, StoreError> {
        let query = listing::credentials(tenant, after, rows_of(limit));
        self.user_page(&tenant.pool, query, limit).await
    }

    async fn credential_subs(&self, tenant: &Tenant) -> Result<Vec<Sub>, StoreError> {
        let query = ("machine_credentials", sql::CREDENTIAL_SUBS);
        let parameters = values![tenant.pool.as_str(), tenant.id.as_str()];
        self.list(query, parameters, rows::credential_sub).await
    }

    async fn tenant_of_machine(
        &self,
        pool: &PoolId,
        sub: &Sub,
    ) -> Result<Option<TenantId>, StoreError> {
        let query = ("machine_credentials", sql::TENANT_OF_MACHINE);
        self.one(query, values![pool.as_str(), sub.as_str()], rows::tenant_id).await
    }

    async fn suspension(&self, pool: &PoolId, sub: &Sub) -> Result<Option<Suspension>, StoreError> {
        let query = ("suspensions", sql::SUSPENSION);
        let parameters = values![pool.as_str(), sub.as_str()];
        self.one(query, parameters, |row| rows::suspension(pool, sub, row)).await
    }

    async fn due_follow_ups(
        &self,
        pool: &PoolId,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<FollowUp>, StoreError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let query = ("follow_ups", sql::DUE_FOLLOW_UPS);
        self.all(query, values![pool.as_str(), now, limit], rows::follow_up).await
    }

    async fn expired_sign_ups(
        &self,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<(PoolId, Sub)>, StoreError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let query = ("sign_ups", sql::EXPIRED_SIGN_UPS);
        self.list(query, values![now.millis(), limit], rows::sign_up).await
    }

    async fn access_key(&self, id: &AccessKeyId) -> Result<Option<AccessKey>, StoreError> {
        let query = ("access_keys", sql::ACCESS_KEY);
        self.one(query, values![id.as_str()], |row| rows::access_key(id, row)).await
    }

    async fn messages(&self, limit: usize) -> Result<Vec<Message>, StoreError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.list(("outbox", sql::MESSAGES), values![limit], rows::message).await
    }

    async fn due_messages(
        &self,
        channel: Channel,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<Message>, StoreError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let parameters = values![changes::name("outbox", channel)?, now.millis(), limit];
        self.all(("outbox", sql::DUE_MESSAGES), parameters, rows::message).await
    }

    async fn undelivered_messages(
        &self,
        after: Option<(Timestamp, &MessageId)>,
        limit: usize,
    ) -> Result<Vec<Message>, StoreError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let (at, id) = after.map_or((i64::MIN, ""), |(at, id)| (at.millis(), id.as_str()));
        let query = ("outbox", sql::UNDELIVERED_MESSAGES);
        self.list(query, values![at, id, limit], rows::message).await
    }

    async fn master_keys(&self) -> Result<Vec<MasterKeyRecord>, StoreError> {
        self.all(("master_keys", sql::MASTER_KEYS), values![], rows::master_key).await
    }

    async fn sealed_rows(
        &self,
        place: SealedPlace,
        after: &RowKey,
        limit: usize,
    ) -> Result<Vec<SealedRow>, StoreError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let RowKey { pool, id, device } = after;
        let (pool, id, device) = (pool.as_str(), id.as_str(), device.as_str());
        let sql = match place {
            SealedPlace::SigningKeys => sql::SEALED_SIGNING_KEYS,
            SealedPlace::Users => sql::SEALED_USERS,
            SealedPlace::Clients => sql::SEALED_CLIENTS,
            SealedPlace::AccessKeys => sql::SEALED_ACCESS_KEYS,
            SealedPlace::Devices => sql::SEALED_DEVICES,
            SealedPlace::Messages => sql::SEALED_MESSAGES,
            SealedPlace::KeptSessions => sql::SEALED_KEPT_SESSIONS,
        };
        let parameters = match place {
            SealedPlace::AccessKeys => values![id, limit],
            SealedPlace::Devices => values![pool, id, device, limit],
            _ => values![pool, id, limit],
        };
        self.list((place.table(), sql), parameters, |row| rows::sealed_row(place, row)).await
    }

    fn is_shared(&self) -> bool {
        D::IS_SHARED
    }

    async fn count_call(
        &self,
        key: &str,
        rate_limit: RateLimit,
        now: Timestamp,
    ) -> Result<RateDecision, StoreError> {
        match self.run(vec![vec![rate_limits::take(key, rate_limit, now)]]).await {
            Ok(_) => Ok(RateDecision::Allowed),
            Err(CommitError::Store(error)) => Err(error),
            Err(CommitError::Refused(_)) => {
                let query = ("turns", sql::ARRIVAL);
                let kept = self.one(query, values![key], |row| row.integer("whole_at")).await?;
                // A row that was removed meanwhile was worth nothing any more.
                Ok(RateDecision::Limited(kept.map_or(now.into(), TheoreticalArrival::from_micros)))
            }
        }
    }

    async fn give_back_call(&self, key: &str, micros: i64) -> Result<(), StoreError> {
        match self.run(vec![vec![rate_limits::give_back(key, micros)]]).await {
            // The statement refuses nothing: a key without a row has its whole allowance.
            Ok(_) | Err(CommitError::Refused(_)) => Ok(()),
            Err(CommitError::Store(error)) => Err(error),
        }
    }

    async fn commit(&self, changes: Vec<Change>) -> Result<(), CommitError> {
        if changes.is_empty() {
            return Ok(());
        }
        // A name is taken when nothing is left of what had it before.
        let mut is_in_the_way = true;
        loop {
            let lists = changes.iter().map(changes::statements).collect::<Result<Vec<_>, _>>()?;
            let index = match self.run(lists).await {
                Ok(_) => return Ok(()),
                Err(CommitError::Refused(index)) => index,
                Err(error) => return Err(error),
            };
            match changes.get(index).and_then(Removal::before) {
                // What was in the way may be gone by now: it is tried once more in any case.
                Some(before) if is_in_the_way => is_in_the_way = self.make_way(&before).await?,
                _ => return Err(CommitError::Refused(index)),
            }
        }
    }

    async fn sweep(&self, now: Timestamp) -> Result<bool, StoreError> {
        let expired = self.attempt(changes::remove_expired(now)).await?.unwrap_or_default();
        let next = ("removals", removal::NEXT_REMOVAL);
        let next = self.one(next, Vec::new(), rows::removal).await?;
        if let Some(removal) = &next {
            self.remove_portion(removal).await?;
        }
        let shrinks = self.0.shrink().await?;
        let is_full = |rows: &u64| *rows >= removal::PORTION;
        Ok(next.is_some() || shrinks || expired.iter().any(is_full))
    }
}
