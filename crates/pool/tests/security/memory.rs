//! The store in memory that every world stands on.

use async_trait::async_trait;
use poolkeeper_pool::change::Change;
use poolkeeper_pool::crypto::resealing::{RowKey, SealedPlace, SealedRow};
use poolkeeper_pool::crypto::seal::Sealed;
use poolkeeper_pool::entity::*;
use poolkeeper_pool::error::{CommitError, StoreError};
use poolkeeper_pool::ids::*;
use poolkeeper_pool::limits::lockout::Lockout;
use poolkeeper_pool::limits::quota::{self, Quota, Use};
use poolkeeper_pool::limits::rate_limit::{RateDecision, RateLimit};
use poolkeeper_pool::ports::*;
use poolkeeper_pool::time::Timestamp;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;

#[derive(Clone, Default)]
struct Tables {
    pools: BTreeMap<PoolId, UserPoolRecord>,
    clients: BTreeMap<ClientId, AppClient>,
    keys: Vec<SealedKey>,
    users: BTreeMap<(PoolId, Sub), User>,
    /// Usernames and aliases.
    names: BTreeMap<(PoolId, String), Sub>,
    groups: BTreeMap<(PoolId, GroupName), Group>,
    members: BTreeSet<(PoolId, Sub, GroupName)>,
    sessions: HashMap<(PoolId, SessionId), Session>,
    devices: BTreeMap<(PoolId, Sub, DeviceKey), Device>,
    trusted: BTreeMap<(PoolId, Sub), TrustedDevice>,
    kept_sessions: BTreeMap<(PoolId, String), Sealed>,
    spent: BTreeSet<(PoolId, String)>,
    codes: BTreeMap<(PoolId, String, CodePurpose), VerificationCode>,
    quotas: BTreeMap<(PoolId, String, Quota), (i64, Timestamp)>,
    lockouts: HashMap<(PoolId, String), Lockout>,
    messages: Vec<Message>,
}

/// A store in memory. Every access lets others go first.
#[derive(Default)]
pub(crate) struct Memory {
    tables: Mutex<Tables>,
    pub(crate) commits: AtomicUsize,
}

/// Gives up the thread once.
pub(super) async fn let_others_go_first() {
    let mut gone = false;
    std::future::poll_fn(|_| {
        if std::mem::replace(&mut gone, true) { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
}

impl Memory {
    async fn read<T>(&self, read: impl FnOnce(&Tables) -> T) -> Result<T, StoreError> {
        let_others_go_first().await;
        Ok(read(&self.tables.lock().unwrap()))
    }
}

#[async_trait]
impl Store for Memory {
    async fn pool(&self, id: &PoolId) -> Result<Option<UserPoolRecord>, StoreError> {
        self.read(|t| t.pools.get(id).cloned()).await
    }

    async fn master_keys(&self) -> Result<Vec<MasterKeyRecord>, StoreError> {
        Ok(Vec::new())
    }

    async fn sealed_rows(
        &self,
        _: SealedPlace,
        _: &RowKey,
        _: usize,
    ) -> Result<Vec<SealedRow>, StoreError> {
        Ok(Vec::new())
    }

    async fn counted_pool(&self, id: &PoolId) -> Result<Option<(UserPoolRecord, i64)>, StoreError> {
        self.read(|t| t.pools.get(id).cloned().map(|pool| (pool, 0))).await
    }

    async fn client(&self, id: &ClientId) -> Result<Option<AppClient>, StoreError> {
        self.read(|t| t.clients.get(id).cloned()).await
    }

    async fn user_or_other(
        &self,
        pool: &PoolId,
        names: &UserNames,
        _: &Sub,
    ) -> Result<Option<UserOrOther>, StoreError> {
        self.read(|t| {
            let name = |key: &str| t.names.get(&(pool.clone(), key.to_owned())).cloned();
            let by_name = name(&format!("username:{}", names.username_key));
            let all = [by_name, Some(names.sub.clone())].into_iter();
            let all = all.chain(names.alias_keys.iter().map(|key| name(key.as_str()))).flatten();
            let found = all.into_iter().find_map(|sub| t.users.get(&(pool.clone(), sub)).cloned());
            let other = || t.users.values().next().cloned().map(UserOrOther::Other);
            found.map(UserOrOther::Named).or_else(other)
        })
        .await
    }

    async fn user(&self, pool: &PoolId, sub: &Sub) -> Result<Option<User>, StoreError> {
        self.read(|t| t.users.get(&(pool.clone(), sub.clone())).cloned()).await
    }

    async fn users(
        &self,
        _: &PoolId,
        _: Option<&UserFilter>,
        _: Option<&UserCursor>,
        _: usize,
    ) -> Result<UserPage, StoreError> {
        Ok(UserPage { users: Vec::new(), next: None })
    }

    async fn group(&self, pool: &PoolId, name: &GroupName) -> Result<Option<Group>, StoreError> {
        self.read(|t| t.groups.get(&(pool.clone(), name.clone())).cloned()).await
    }

    async fn sweep(&self, _: Timestamp) -> Result<bool, StoreError> {
        Ok(false)
    }

    async fn expired_sign_ups(
        &self,
        _: Timestamp,
        _: usize,
    ) -> Result<Vec<(PoolId, Sub)>, StoreError> {
        Ok(Vec::new())
    }

    async fn pools(&self, _: Option<&PoolId>, _: usize) -> Result<Vec<UserPoolRecord>, StoreError> {
        Ok(Vec::new())
    }

    async fn clients(
        &self,
        _: &PoolId,
        _: Option<&ClientId>,
        _: usize,
    ) -> Result<Vec<AppClient>, StoreError> {
        Ok(Vec::new())
    }

    async fn groups(
        &self,
        _: &PoolId,
        _: Option<&GroupName>,
        _: usize,
    ) -> Result<Vec<Group>, StoreError> {
        Ok(Vec::new())
    }

    async fn users_in_group(
        &self,
        _: &PoolId,
        _: &GroupName,
        _: Option<&UserCursor>,
        _: usize,
    ) -> Result<UserPage, StoreError> {
        Ok(UserPage { users: Vec::new(), next: None })
    }

    async fn member_slice(
        &self,
        id: &PoolId,
        _: &GroupName,
        _: u64,
        _: u64,
    ) -> Result<Option<MemberSlice>, StoreError> {
        let slice = |pool| MemberSlice { pool, members: None };
        self.read(|t| t.pools.get(id).cloned().map(slice)).await
    }

    async fn groups_of(&self, pool: &PoolId, sub: &Sub) -> Result<Vec<Group>, StoreError> {
        self.read(|t| {
            let own = t.members.iter().filter(|(p, s, _)| p == pool && s == sub);
            own.filter_map(|(p, _, g)| t.groups.get(&(p.clone(), g.clone())).cloned()).collect()
        })
        .await
    }

    async fn groups_of_each(
        &self,
        _: &PoolId,
        _: &[Sub],
    ) -> Result<BTreeMap<Sub, Vec<Group>>, StoreError> {
        Ok(BTreeMap::new())
    }

    async fn token_records(
        &self,
        pool: &PoolId,
        names: &TokenNames,
    ) -> Result<Option<TokenRecords>, StoreError> {
        let TokenNames { client, session, sub } = names;
        self.read(|t| {
            Some(TokenRecords {
                pool: t.pools.get(pool)?.clone(),
                client: t.clients.get(client).cloned(),
                session: session
                    .as_ref()
                    .and_then(|id| t.sessions.get(&(pool.clone(), id.clone())).cloned()),
                user: t.users.get(&(pool.clone(), sub.clone())).cloned(),
            })
        })
        .await
    }

    async fn session(&self, pool: &PoolId, id: &SessionId) -> Result<Option<Session>, StoreError> {
        self.read(|t| t.sessions.get(&(pool.clone(), id.clone())).cloned()).await
    }

    async fn sessions_of(
        &self,
        pool: &PoolId,
        sub: &Sub,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<Session>, StoreError> {
        self.read(|t| {
            let own = t.sessions.values().filter(|s| s.pool == *pool && s.sub == *sub);
            let live = own.filter(|s| s.revoked_at.is_none() && s.expires_at > now);
            let mut live: Vec<_> = live.cloned().collect();
            live.sort_by(|a, b| b.auth_time.cmp(&a.auth_time).then_with(|| a.id.cmp(&b.id)));
            live.truncate(limit);
            live
        })
        .await
    }

    async fn device(
        &self,
        pool: &PoolId,
        sub: &Sub,
        key: &DeviceKey,
    ) -> Result<Option<Device>, StoreError> {
        let key = (pool.clone(), sub.clone(), key.clone());
        self.read(|t| t.devices.get(&key).cloned()).await
    }

    async fn devices_of(
        &self,
        pool: &PoolId,
        sub: &Sub,
        _: Option<&DeviceKey>,
        limit: usize,
    ) -> Result<Vec<Device>, StoreError> {
        self.read(|t| {
            let own = t.devices.values().filter(|d| d.pool == *pool && d.sub == *sub);
            own.take(limit).cloned().collect()
        })
        .await
    }

    async fn trusted_device(
        &self,
        pool: &PoolId,
        sub: &Sub,
    ) -> Result<Option<TrustedDevice>, StoreError> {
        let key = (pool.clone(), sub.clone());
        self.read(|t| t.trusted.get(&key).cloned()).await
    }

    async fn kept_session(&self, pool: &PoolId, name: &str) -> Result<Option<Sealed>, StoreError> {
        self.read(|t| t.kept_sessions.get(&(pool.clone(), name.to_owned())).cloned()).await
    }

    async fn code(
        &self,
        pool: &PoolId,
        subject: &str,
        purpose: CodePurpose,
    ) -> Result<Option<VerificationCode>, StoreError> {
        let key = (pool.clone(), subject.to_owned(), purpose);
        self.read(|t| t.codes.get(&key).cloned()).await
    }

    async fn is_used_up(&self, next: &Use) -> Result<bool, StoreError> {
        let Use { pool, subject, quota, limit, at } = next.clone();
        self.read(|t| {
            let counted = t.quotas.get(&(pool, subject, quota));
            counted.is_some_and(|(used, since)| at.since(*since) < quota::WINDOW && *used >= limit)
        })
        .await
    }

    async fn lockout(&self, pool: &PoolId, subject: &str) -> Result<Option<Lockout>, StoreError> {
        self.read(|t| t.lockouts.get(&(pool.clone(), subject.to_owned())).cloned()).await
    }

    async fn signing_keys(&self, pool: &PoolId) -> Result<Vec<SealedKey>, StoreError> {
        self.read(|t| t.keys.iter().filter(|key| key.pool == *pool).cloned().collect()).await
    }

    async fn partner(&self, _: &PoolId, _: &PartnerId) -> Result<Option<Partner>, StoreError> {
        Ok(None)
    }

    async fn partners_named(
        &self,
        _: &PoolId,
        _: &[PartnerId],
    ) -> Result<Vec<Partner>, StoreError> {
        Ok(Vec::new())
    }

    async fn partners(&self, _: &PoolId) -> Result<Vec<Partner>, StoreError> {
        Ok(Vec::new())
    }

    async fn grants(&self, _: &PoolId, _: &[GroupName]) -> Result<Vec<Grant>, StoreError> {
        Ok(Vec::new())
    }

    async fn all_grants(&self, _: &PoolId) -> Result<Vec<Grant>, StoreError> {
        Ok(Vec::new())
    }

    async fn tenant_or_other(&self, _: &str) -> Result<Option<Tenant>, StoreError> {
        Ok(None)
    }

    async fn tenant(&self, _: &TenantId) -> Result<Option<Tenant>, StoreError> {
        Ok(None)
    }

    async fn tenants(&self, _: &str, _: usize) -> Result<Vec<Tenant>, StoreError> {
        Ok(Vec::new())
    }

    async fn credential(&self, _: &Tenant, _: &str) -> Result<Option<User>, StoreError> {
        Ok(None)
    }

    async fn credentials(
        &self,
        _: &Tenant,
        _: Option<&UserCursor>,
        _: usize,
    ) -> Result<UserPage, StoreError> {
        Ok(UserPage { users: Vec::new(), next: None })
    }

    fn is_shared(&self) -> bool {
        false
    }

    async fn count_call(
        &self,
        _: &str,
        _: RateLimit,
        _: Timestamp,
    ) -> Result<RateDecision, StoreError> {
        Err(StoreError::Unavailable("nobody else is here".to_owned()))
    }

    async fn give_back_call(&self, _: &str, _: i64) -> Result<(), StoreError> {
        Err(StoreError::Unavailable("nobody else is here".to_owned()))
    }

    async fn credential_subs(&self, _: &Tenant) -> Result<Vec<Sub>, StoreError> {
        Ok(Vec::new())
    }

    async fn tenants_of_groups(
        &self,
        _: &PoolId,
        _: &[GroupName],
    ) -> Result<Vec<Tenant>, StoreError> {
        Ok(Vec::new())
    }

    async fn tenant_of_machine(&self, _: &PoolId, _: &Sub) -> Result<Option<TenantId>, StoreError> {
        Ok(None)
    }

    async fn suspension(&self, _: &PoolId, _: &Sub) -> Result<Option<Suspension>, StoreError> {
        Ok(None)
    }

    async fn due_follow_ups(
        &self,
        _: &PoolId,
        _: Timestamp,
        _: usize,
    ) -> Result<Vec<FollowUp>, StoreError> {
        Ok(Vec::new())
    }

    async fn access_key(&self, _: &AccessKeyId) -> Result<Option<AccessKey>, StoreError> {
        Ok(None)
    }

    async fn messages(&self, limit: usize) -> Result<Vec<Message>, StoreError> {
        self.read(|t| t.messages.iter().rev().take(limit).cloned().collect()).await
    }

    async fn due_messages(
        &self,
        channel: Channel,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<Message>, StoreError> {
        self.read(|t| {
            let waits = |p: &DeliveryProgress| p.given_up_at.is_none() && p.delivered_at.is_none();
            let due = |m: &&Message| {
                m.channel == channel && waits(&m.progress) && m.progress.next_attempt_at <= now
            };
            let mut due: Vec<_> = t.messages.iter().filter(due).cloned().collect();
            due.sort_by_key(|message| (message.progress.next_attempt_at, message.id.clone()));
            due.truncate(limit);
            due
        })
        .await
    }

    async fn undelivered_messages(
        &self,
        after: Option<(Timestamp, &MessageId)>,
        limit: usize,
    ) -> Result<Vec<Message>, StoreError> {
        self.read(|t| {
            let follows = |m: &&Message| after.is_none_or(|after| (m.created_at, &m.id) > after);
            let waits = |m: &&Message| m.progress.delivered_at.is_none();
            t.messages.iter().filter(follows).filter(waits).take(limit).cloned().collect()
        })
        .await
    }

    async fn commit(&self, changes: Vec<Change>) -> Result<(), CommitError> {
        let_others_go_first().await;
        self.tables.lock().unwrap().apply_all(&changes)?;
        self.commits.fetch_add(1, Ordering::SeqCst);
        let_others_go_first().await;
        Ok(())
    }
}

fn when(holds: bool) -> Option<()> {
    holds.then_some(())
}

impl Tables {
    fn apply_all(&mut self, changes: &[Change]) -> Result<(), CommitError> {
        let mut changed = self.clone();
        for (index, change) in changes.iter().enumerate() {
            changed.apply(change).ok_or(CommitError::Refused(index))?;
        }
        *self = changed;
        Ok(())
    }

    /// `None` if the change is refused.
    fn apply(&mut self, change: &Change) -> Option<()> {
        match change.clone() {
            Change::CreatePool(pool) => {
                when(self.pools.insert(pool.id.clone(), *pool).is_none())?;
            }
            Change::UpdatePool(pool) => {
                self.pools.insert(pool.id.clone(), *pool);
            }
            Change::CreateClient(client) => {
                when(self.clients.insert(client.id.clone(), *client).is_none())?;
            }
            Change::UpdateClient(client) => {
                self.clients.insert(client.id.clone(), *client);
            }
            Change::CreateSigningKey(key) => self.keys.push(key),
            Change::CreateUser { user, username_key } => {
                let key = (user.pool.clone(), format!("username:{username_key}"));
                when(self.names.insert(key, user.sub.clone()).is_none())?;
                self.users.insert((user.pool.clone(), user.sub.clone()), *user);
            }
            Change::UpdateUser(user) => {
                let stored = self.users.get_mut(&(user.pool.clone(), user.sub.clone()))?;
                when(stored.version == user.version)?;
                *stored = User { version: user.version + 1, ..*user };
            }
            Change::ExpectUser { pool, sub, version } => {
                when(self.users.get(&(pool, sub))?.version == version)?;
            }
            Change::LookForUser { .. } | Change::TouchLockout { .. } => {}
            Change::AddAlias { pool, sub, key } => {
                let key = (pool, key.as_str().to_owned());
                when(self.names.entry(key).or_insert_with(|| sub.clone()) == &sub)?;
            }
            Change::CreateGroup(group) => {
                let key = (group.pool.clone(), group.name.clone());
                when(self.groups.insert(key, group).is_none())?;
            }
            Change::AddToGroup { pool, sub, group } => {
                self.members.insert((pool, sub, group));
            }
            Change::CreateSession(session) => {
                let key = (session.pool.clone(), session.id.clone());
                when(self.sessions.insert(key, session).is_none())?;
            }
            Change::RotateSession { pool, id, rotation, at } => {
                let session = self.sessions.get_mut(&(pool, id))?;
                when(session.rotation == rotation && session.revoked_at.is_none())?;
                session.rotation += 1;
                session.rotated_at = Some(at);
            }
            Change::RevokeSession { pool, id, at } => {
                if let Some(session) = self.sessions.get_mut(&(pool, id)) {
                    session.revoked_at.get_or_insert(at);
                }
            }
            Change::RevokeSessionsOf { sub, at, .. } => {
                for session in self.sessions.values_mut().filter(|session| session.sub == sub) {
                    session.revoked_at.get_or_insert(at);
                }
            }
            Change::Spend { pool, spent, .. } => when(self.spent.insert((pool, spent.stored())))?,
            Change::SetLockout(lockout) => {
                let key = (lockout.pool.clone(), lockout.subject.clone());
                let version = self.lockouts.get(&key).map_or(0, |stored| stored.version);
                when(version == lockout.version)?;
                self.lockouts.insert(key, Lockout { version: version + 1, ..lockout });
            }
            Change::ClearLockout { pool, subject, version } => {
                let stored = self.lockouts.remove(&(pool, subject))?;
                when(stored.version == version)?;
            }
            Change::ExpectNoLockout { pool, subject } => {
                when(!self.lockouts.contains_key(&(pool, subject)))?;
            }
            Change::Enqueue(message) => self.messages.push(message),
            other => self.apply_code(other)?,
        }
        Some(())
    }

    /// What has to do with codes, quotas and moved aliases.
    fn apply_code(&mut self, change: Change) -> Option<()> {
        match change {
            Change::PutCode(code) => {
                let key = (code.pool.clone(), code.subject.clone(), code.purpose);
                self.codes.insert(key, code);
            }
            Change::SpendCode(code) => {
                let key = (code.pool, code.subject, code.purpose);
                when(self.codes.remove(&key)?.digest == code.digest)?;
            }
            Change::UseQuota(used) | Change::UseSilentQuota(used) => {
                let Use { pool, subject, quota, limit, at } = used;
                let (used, since) = self.quotas.entry((pool, subject, quota)).or_insert((0, at));
                if at.since(*since) >= quota::WINDOW {
                    (*used, *since) = (0, at);
                }
                when(*used < limit)?;
                *used += 1;
            }
            Change::TakeAlias { pool, sub, key } => {
                self.names.insert((pool, key.as_str().to_owned()), sub);
            }
            Change::RemoveAlias { pool, sub, key } => {
                let key = (pool, key.as_str().to_owned());
                if self.names.get(&key) == Some(&sub) {
                    self.names.remove(&key);
                }
            }
            other => self.apply_device(other)?,
        }
        Some(())
    }

    /// What has to do with devices, and with what gives way.
    fn apply_device(&mut self, change: Change) -> Option<()> {
        match change {
            Change::CreateDevice(device) => {
                let key = (device.pool.clone(), device.sub.clone(), device.key.clone());
                when(self.devices.insert(key, *device).is_none())?;
            }
            Change::UpdateDevice(device) => {
                let key = (device.pool.clone(), device.sub.clone(), device.key.clone());
                let stored = self.devices.get_mut(&key)?;
                when(stored.version == device.version)?;
                *stored = Device { version: device.version + 1, ..*device };
            }
            Change::ExpectDevice { pool, sub, key, version } => {
                when(self.devices.get(&(pool, sub, key))?.version == version)?;
            }
            Change::TouchDevice { pool, sub, key, at, address } => {
                if let Some(device) = self.devices.get_mut(&(pool, sub, key)) {
                    (device.last_authenticated_at, device.last_address) = (at, address);
                }
            }
            Change::DeleteDevice { pool, sub, key } => {
                self.devices.remove(&(pool, sub, key))?;
            }
            Change::DeleteStaleDevices { sub, keep, .. } => {
                let mut own: Vec<_> =
                    self.devices.values().filter(|d| d.sub == sub).cloned().collect();
                own.sort_by_key(|device| std::cmp::Reverse(device.last_authenticated_at));
                for Device { pool, sub, key, .. } in own.into_iter().skip(keep as usize) {
                    self.devices.remove(&(pool, sub, key));
                }
            }
            Change::RevokeStaleSessions { pool, sub, at, keep } => {
                let own = |session: &&mut Session| {
                    let live = session.revoked_at.is_none() && session.expires_at > at;
                    live && session.pool == pool && session.sub == sub
                };
                let mut live: Vec<_> = self.sessions.values_mut().filter(own).collect();
                live.sort_by_key(|session| std::cmp::Reverse(session.last_used_at()));
                live.into_iter().skip(keep as usize).for_each(|s| s.revoked_at = Some(at));
            }
            Change::DeleteDevicesOf { sub, .. } => {
                self.devices.retain(|(_, s, _), _| *s != sub);
                self.trusted.retain(|(_, s), _| *s != sub);
            }
            Change::PutTrustedDevice(device) => {
                self.trusted.insert((device.pool.clone(), device.sub.clone()), device);
            }
            Change::KeepSession { pool, name, session, .. } => {
                self.kept_sessions.insert((pool, name), session);
            }
            Change::AdvanceMessage { pool, id, attempts, progress } => {
                let mut all = self.messages.iter_mut();
                let stored = all.find(|message| message.pool == pool && message.id == id)?;
                when(stored.progress.attempts == attempts)?;
                stored.progress = progress;
            }
            Change::RemoveMessage { pool, id } => {
                self.messages.retain(|message| message.pool != pool || message.id != id);
            }
            // Nothing is swept here.
            Change::PutSignUp { .. } => {}
            other => panic!("not needed here: {other:?}"),
        }
        Some(())
    }
}
