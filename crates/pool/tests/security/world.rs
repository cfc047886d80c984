//! A world for one test: the engine over a store in memory, with clock, chance and hashes under
//! the test's control.

use async_trait::async_trait;
use poolkeeper_pool::administration::{Invitation, NewGroup, NewUser};
use poolkeeper_pool::change::Change;
use poolkeeper_pool::entity::*;
use poolkeeper_pool::ids::*;
use poolkeeper_pool::local::{Local, NewClient, NewPool, Parts, Settings};
use poolkeeper_pool::lockout::Lockout;
use poolkeeper_pool::pace::{Pace, Turn};
use poolkeeper_pool::ports::*;
use poolkeeper_pool::quota::{self, Quota, Use};
use poolkeeper_pool::seal::{Sealed, Sealer};
use poolkeeper_pool::secret::Secret;
use poolkeeper_pool::time::Timestamp;
use poolkeeper_pool::user_pool::{
    Admission, Answer, DevicePair, Outcome, Respond, SignIn, UserPool as _,
};
use poolkeeper_pool::{Error, Refusal, Result};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicI64, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

pub(crate) const POOL: &str = "eu-west-1_Pool";
pub(crate) const CLIENT: &str = "client";
pub(crate) const PASSWORD: &str = "Passw0rd!";
pub(crate) const KEY: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
pub(crate) const ADDRESS: &str = "ann@example.com";

/// The same numbers for the same seed.
pub(crate) struct Chance(AtomicU64);

impl Chance {
    pub(crate) fn new(seed: u64) -> Self {
        Self(AtomicU64::new(seed))
    }

    pub(crate) fn next(&self) -> u64 {
        let mut word = self.0.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::SeqCst);
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^ (word >> 31)
    }

    pub(crate) fn below(&self, end: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(end).unwrap()).unwrap()
    }

    pub(crate) fn once_in(&self, times: usize) -> bool {
        self.below(times) == 0
    }

    pub(crate) fn one_of<T: Clone>(&self, all: &[T]) -> T {
        all[self.below(all.len())].clone()
    }
}

impl Rng for Chance {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            chunk.copy_from_slice(&self.next().to_le_bytes()[..chunk.len()]);
        }
    }
}

pub(crate) struct TestClock(AtomicI64);

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }
}

/// Hashes that cost nothing, and how many were compared.
#[derive(Default)]
pub(crate) struct TestWorkers {
    pub(crate) compared: AtomicUsize,
    next_key: AtomicUsize,
}

#[async_trait]
impl Workers for TestWorkers {
    async fn hash(&self, password: Secret) -> Result<Secret, WorkerError> {
        let_others_go_first().await;
        Ok(Secret::new(format!("hash of {}", password.expose())))
    }

    async fn verify(&self, password: Secret, hash: Secret) -> Result<Verified, WorkerError> {
        self.compared.fetch_add(1, Ordering::SeqCst);
        assert!(password.expose().chars().count() <= 256, "hashed a text too long for a password");
        let_others_go_first().await;
        let matches = hash.expose() == format!("hash of {}", password.expose());
        Ok(Verified { matches, outdated: false })
    }

    fn decoy(&self) -> Secret {
        Secret::from("nothing's hash")
    }

    async fn generate_rsa_key(&self) -> Result<Vec<u8>, WorkerError> {
        static MADE: [OnceLock<Vec<u8>>; 4] = [const { OnceLock::new() }; 4];
        let slot = &MADE[self.next_key.fetch_add(1, Ordering::SeqCst) % MADE.len()];
        Ok(slot.get_or_init(make_rsa_key).clone())
    }
}

fn make_rsa_key() -> Vec<u8> {
    use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
    let key = aws_lc_rs::rsa::KeyPair::generate(aws_lc_rs::rsa::KeySize::Rsa2048).unwrap();
    let der: Pkcs8V1Der<'_> = key.as_der().unwrap();
    der.as_ref().to_vec()
}

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
async fn let_others_go_first() {
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

    async fn count_users(&self, _: &PoolId) -> Result<i64, StoreError> {
        Ok(0)
    }

    async fn client(&self, id: &ClientId) -> Result<Option<AppClient>, StoreError> {
        self.read(|t| t.clients.get(id).cloned()).await
    }

    async fn user_or_other(
        &self,
        pool: &PoolId,
        names: &UserNames,
    ) -> Result<Option<UserOrOther>, StoreError> {
        self.read(|t| {
            let name = |key: &String| t.names.get(&(pool.clone(), key.clone())).cloned();
            let by_name = name(&format!("username:{}", names.username_key));
            let all = [by_name, Some(names.sub.clone())].into_iter();
            let all = all.chain(names.alias_keys.iter().map(name)).flatten();
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

    async fn count_members(&self, _: &PoolId, _: &GroupName) -> Result<u64, StoreError> {
        Ok(0)
    }

    async fn members_at(
        &self,
        _: &PoolId,
        _: &GroupName,
        _: u64,
        _: u64,
    ) -> Result<Vec<User>, StoreError> {
        Ok(Vec::new())
    }

    async fn groups_of(&self, pool: &PoolId, sub: &Sub) -> Result<Vec<Group>, StoreError> {
        self.read(|t| {
            let own = t.members.iter().filter(|(p, s, _)| p == pool && s == sub);
            own.filter_map(|(p, _, g)| t.groups.get(&(p.clone(), g.clone())).cloned()).collect()
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

    async fn lockout(&self, pool: &PoolId, subject: &str) -> Result<Option<Lockout>, StoreError> {
        self.read(|t| t.lockouts.get(&(pool.clone(), subject.to_owned())).cloned()).await
    }

    async fn signing_keys(&self, pool: &PoolId) -> Result<Vec<SealedKey>, StoreError> {
        self.read(|t| t.keys.iter().filter(|key| key.pool == *pool).cloned().collect()).await
    }

    async fn partner(&self, _: &PoolId, _: &PartnerId) -> Result<Option<Partner>, StoreError> {
        Ok(None)
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

    async fn take_turn(&self, _: &str, _: Pace, _: Timestamp) -> Result<Turn, StoreError> {
        Err(StoreError::Unavailable("nobody else is here".to_owned()))
    }

    async fn credential_subs(&self, _: &Tenant) -> Result<Vec<Sub>, StoreError> {
        Ok(Vec::new())
    }

    async fn access_key(&self, _: &AccessKeyId) -> Result<Option<AccessKey>, StoreError> {
        Ok(None)
    }

    async fn messages(&self, limit: usize) -> Result<Vec<Message>, StoreError> {
        self.read(|t| t.messages.iter().rev().take(limit).cloned().collect()).await
    }

    async fn due_messages(&self, now: Timestamp, limit: usize) -> Result<Vec<Message>, StoreError> {
        self.read(|t| {
            let waits = |p: &Progress| p.given_up_at.is_none() && p.delivered_at.is_none();
            let due = |m: &&Message| waits(&m.progress) && m.progress.next_attempt_at <= now;
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
            Change::AddAlias { pool, sub, key } => {
                when(self.names.entry((pool, key)).or_insert_with(|| sub.clone()) == &sub)?;
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
            Change::Spend { pool, id, .. } => when(self.spent.insert((pool, id)))?,
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
            Change::UseQuota(Use { pool, subject, quota, at }) => {
                let (used, since) = self.quotas.entry((pool, subject, quota)).or_insert((0, at));
                if at.since(*since) >= quota::WINDOW {
                    (*used, *since) = (0, at);
                }
                when(*used < quota.limit())?;
                *used += 1;
            }
            Change::TakeAlias { pool, sub, key } => {
                self.names.insert((pool, key), sub);
            }
            Change::RemoveAlias { pool, sub, key } => {
                let key = (pool, key);
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
            other => panic!("not needed here: {other:?}"),
        }
        Some(())
    }
}

/// Runs a future that nobody but itself can hold up.
pub(crate) fn wait<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(done) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return done;
        }
    }
}

/// Runs futures side by side, a step of one, then of another, as chance has it.
pub(crate) fn race<'a, T>(chance: &Chance, futures: Vec<impl Future<Output = T> + 'a>) -> Vec<T> {
    type Racing<'a, T> = (usize, Pin<Box<dyn Future<Output = T> + 'a>>);
    let boxed =
        futures.into_iter().map(|future| Box::pin(future) as Pin<Box<dyn Future<Output = T>>>);
    let mut running: Vec<Racing<'a, T>> = boxed.enumerate().collect();
    let mut done = BTreeMap::new();
    while !running.is_empty() {
        let at = chance.below(running.len());
        let (number, future) = &mut running[at];
        if let Poll::Ready(result) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            done.insert(*number, result);
            drop(running.swap_remove(at));
        }
    }
    done.into_values().collect()
}

/// What seals in every world.
pub(crate) fn sealer() -> Sealer {
    Sealer::new(&[7; 32])
}

/// The engine and what it stands on.
pub(crate) struct World {
    pub(crate) engine: Local,
    pub(crate) store: Arc<Memory>,
    pub(crate) workers: Arc<TestWorkers>,
    pub(crate) clock: Arc<TestClock>,
    pub(crate) chance: Arc<Chance>,
}

impl World {
    /// With one pool and one public client.
    pub(crate) fn new(seed: u64, mfa: MfaMode) -> Self {
        let store = Arc::new(Memory::default());
        let workers = Arc::new(TestWorkers::default());
        let clock = Arc::new(TestClock(AtomicI64::new(1_767_323_045_000)));
        let chance = Arc::new(Chance::new(seed));
        let parts = Parts {
            store: store.clone(),
            workers: workers.clone(),
            clock: clock.clone(),
            rng: chance.clone(),
            sealer: Arc::new(sealer()),
        };
        let settings = Settings {
            region: "eu-west-1".to_owned(),
            account: "000000000000".to_owned(),
            issuer_base: "https://auth.example.com".to_owned(),
            grants: Vec::new(),
        };
        let world = Self { engine: Local::new(parts, settings), store, workers, clock, chance };
        world.pool(POOL, mfa);
        world.client(POOL, CLIENT);
        for name in ["members", "barred"] {
            let (pool, name) = (POOL.into(), name.into());
            let (description, role_arn, precedence) = (None, None, None);
            let new = NewGroup { pool, name, description, role_arn, precedence };
            wait(world.engine.create_group(new)).unwrap();
        }
        world
    }

    pub(crate) fn pool(&self, id: &str, mfa: MfaMode) {
        let (id, name) = (Some(id.into()), id.to_owned());
        // The mailbox is the way back in, so that it does for a second factor only if switched on.
        let recovery = Some(vec![Recovery::VerifiedEmail]);
        let rules = PoolRules { recovery, ..PoolRules::default() };
        let new = NewPool { id, name, mfa, rules, ..NewPool::default() };
        wait(self.engine.create_pool(new)).unwrap();
    }

    pub(crate) fn client(&self, pool: &str, id: &str) -> AppClient {
        let flows =
            vec![AuthFlow::AdminUserPassword, AuthFlow::UserPassword, AuthFlow::RefreshToken];
        let new = NewClient {
            id: Some(id.into()),
            flows,
            hides_users: true,
            ..NewClient::named(pool.into(), id)
        };
        wait(self.engine.create_client(new)).unwrap()
    }

    /// A user with [`PASSWORD`], with an address, changed as the test says.
    pub(crate) fn user(&self, name: &str, edit: impl Fn(&mut User)) -> User {
        let attributes = [("email", ADDRESS), ("email_verified", "true")];
        let new = NewUser {
            pool: POOL.into(),
            username: name.to_owned(),
            attributes: attributes.into_iter().collect(),
            temporary_password: Some(PASSWORD.into()),
            kind: Kind::Person,
            invitation: Invitation::Suppress,
            mediums: Vec::new(),
            force_alias: false,
            groups: Vec::new(),
        };
        let user = wait(self.engine.create_user(new)).unwrap();
        self.edit(&user, |user| user.status = UserStatus::Confirmed);
        self.edit(&user, edit);
        self.now_of(&user)
    }

    pub(crate) fn edit(&self, user: &User, edit: impl Fn(&mut User)) {
        wait(self.engine.edit_user(user, edit)).unwrap();
    }

    pub(crate) fn now_of(&self, user: &User) -> User {
        wait(self.store.user(&user.pool, &user.sub)).unwrap().unwrap()
    }

    /// An authenticator app with [`KEY`].
    pub(crate) fn totp(&self, user: &User) -> Totp {
        let secret = self.engine.seal_totp_key(user, &KEY.into());
        Totp { secret, enabled: true, preferred: false, friendly_name: None }
    }

    /// A user with an authenticator app that has [`KEY`].
    pub(crate) fn totp_user(&self, name: &str) -> User {
        let user = self.user(name, |_| {});
        let totp = self.totp(&user);
        self.edit(&user, |user| user.mfa.totp = Some(totp.clone()));
        self.now_of(&user)
    }

    /// A user with both factors, who prefers none.
    pub(crate) fn both_user(&self, name: &str) -> User {
        let user = self.totp_user(name);
        self.edit(&user, |user| user.mfa.email = Some(CodeMfa { preferred: false }));
        self.now_of(&user)
    }

    pub(crate) fn later(&self, by: Duration) {
        self.clock.0.fetch_add(i64::try_from(by.as_millis()).unwrap(), Ordering::SeqCst);
    }

    pub(crate) fn earlier(&self, by: Duration) {
        self.clock.0.fetch_sub(i64::try_from(by.as_millis()).unwrap(), Ordering::SeqCst);
    }

    pub(crate) fn code(&self, key: &Secret) -> Secret {
        Secret::new(poolkeeper_pool::totp::code(key, self.clock.now()).unwrap())
    }

    /// The code in the newest message.
    pub(crate) fn mailed_code(&self) -> Secret {
        let newest = wait(self.engine.outbox(1)).unwrap();
        newest[0].code.clone().unwrap()
    }

    pub(crate) async fn sign_in(&self, name: &str, password: &str) -> Result<Outcome> {
        self.sign_in_at(CLIENT, name, password, Admission::default()).await
    }

    pub(crate) async fn sign_in_at(
        &self,
        client: &str,
        name: &str,
        password: &str,
        admission: Admission,
    ) -> Result<Outcome> {
        let (client, username, password) = (client.into(), name.to_owned(), password.into());
        let (device, address) = (None, None);
        let command = SignIn { client, username, password, device, admission, address };
        self.engine.sign_in(command).await
    }

    /// Answers with a code and has the device remembered.
    pub(crate) async fn answer_and_remember(
        &self,
        session: &Secret,
        code: Secret,
    ) -> Result<Outcome> {
        let command = Respond {
            client: CLIENT.into(),
            session: session.clone(),
            username: None,
            answer: Answer::SoftwareToken(code),
            remember_device: true,
            admission: Admission::default(),
            address: None,
        };
        self.engine.respond(command).await
    }

    /// Signs in on a device that an earlier sign-in was remembered on.
    pub(crate) async fn sign_in_trusted(&self, name: &str, device: &DevicePair) -> Result<Outcome> {
        let (client, username, password) = (CLIENT.into(), name.to_owned(), PASSWORD.into());
        let (device, admission) = (Some(device.clone()), Admission::default());
        let command = SignIn { client, username, password, device, admission, address: None };
        self.engine.sign_in(command).await
    }

    pub(crate) async fn respond(&self, session: &Secret, answer: Answer) -> Result<Outcome> {
        self.respond_at(CLIENT, session, answer, Admission::default()).await
    }

    pub(crate) async fn respond_at(
        &self,
        client: &str,
        session: &Secret,
        answer: Answer,
        admission: Admission,
    ) -> Result<Outcome> {
        let (client, session) = (client.into(), session.clone());
        let command = Respond {
            client,
            session,
            username: None,
            answer,
            remember_device: false,
            admission,
            address: None,
        };
        self.engine.respond(command).await
    }

    /// The session of the challenge that a sign-in leads to.
    pub(crate) fn begin(&self, name: &str) -> Secret {
        session(wait(self.sign_in(name, PASSWORD)))
    }
}

pub(crate) fn new_password(password: &str) -> Answer {
    Answer::NewPassword { password: password.into(), attributes: Attributes::default() }
}

#[track_caller]
pub(crate) fn session(outcome: Result<Outcome>) -> Secret {
    match outcome {
        Ok(Outcome::Challenge(challenge)) => challenge.session,
        other => panic!("{other:?}"),
    }
}

#[track_caller]
pub(crate) fn signed_in(outcome: Result<Outcome>) -> poolkeeper_pool::user_pool::SignedIn {
    match outcome {
        Ok(Outcome::SignedIn(signed_in)) => *signed_in,
        other => panic!("{other:?}"),
    }
}

#[track_caller]
pub(crate) fn refusal<T>(result: Result<T>) -> Refusal {
    match result {
        Err(Error::Refused(refusal)) => refusal,
        Err(other) => panic!("{other:?}"),
        Ok(_) => panic!("not refused"),
    }
}
