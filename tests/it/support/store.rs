use async_trait::async_trait;
use poolkeeper_pool::change::Change;
use poolkeeper_pool::crypto::resealing::{RowKey, SealedPlace, SealedRow};
use poolkeeper_pool::crypto::seal::Sealed;
use poolkeeper_pool::entity::*;
use poolkeeper_pool::error::{CommitError, StoreError};
use poolkeeper_pool::ids::*;
use poolkeeper_pool::limits::lockout::Lockout;
use poolkeeper_pool::limits::quota::Use;
use poolkeeper_pool::limits::rate_limit::{RateDecision, RateLimit};
use poolkeeper_pool::ports::*;
use poolkeeper_pool::time::Timestamp;
use std::collections::BTreeMap;
use std::mem;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

/// The real store, with a list of what was asked of it.
pub(crate) struct TestStore {
    store: Arc<dyn Store>,
    calls: Mutex<Vec<String>>,
    forgets_faces: AtomicBool,
}

impl TestStore {
    pub(crate) fn new(store: Arc<dyn Store>) -> Self {
        Self { store, calls: Mutex::default(), forgets_faces: AtomicBool::default() }
    }

    /// What was asked since this was last called.
    pub(crate) fn calls(&self) -> Vec<String> {
        mem::take(&mut *self.calls.lock().unwrap())
    }

    /// From now on, sign-ins are stored as releases did that did not record their face.
    pub(crate) fn forget_faces(&self) {
        self.forgets_faces.store(true, Ordering::Relaxed);
    }

    fn note(&self, call: impl Into<String>) {
        self.calls.lock().unwrap().push(call.into());
    }
}

/// Whether a question was answered by a record, which then was parsed; of lists it does not matter.
trait Answer {
    fn is_something(&self) -> bool {
        true
    }
}

impl<T> Answer for Option<T> {
    fn is_something(&self) -> bool {
        self.is_some()
    }
}

impl<T> Answer for Vec<T> {}
impl<K, V> Answer for BTreeMap<K, V> {}
impl Answer for UserPage {}
impl Answer for () {}
impl Answer for bool {}
impl Answer for RateDecision {}

macro_rules! noted {
    ($($name:ident($($argument:ident: $type:ty),*) -> $answer:ty;)+) => {
        #[async_trait]
        impl Store for TestStore {
            $(async fn $name(&self, $($argument: $type),*) -> Result<$answer, StoreError> {
                let answer = self.store.$name($($argument),*).await;
                let found = answer.as_ref().is_ok_and(Answer::is_something);
                let what = if found { "" } else { ": nothing" };
                self.note(format!("{}{what}", stringify!($name)));
                answer
            })+

            fn is_shared(&self) -> bool {
                self.store.is_shared()
            }

            async fn commit(&self, mut changes: Vec<Change>) -> Result<(), CommitError> {
                // Which changes, without what is in them, and how long messages are.
                let kind = |change: &Change| {
                    if let Change::Enqueue(message) = change {
                        return format!("Enqueue of {}", message.content.as_bytes().len());
                    }
                    let text = format!("{change:?}");
                    text.split([' ', '(']).next().unwrap().to_owned()
                };
                let kinds: Vec<_> = changes.iter().map(kind).collect();
                self.note(format!("commit of {}", kinds.join(", ")));
                if self.forgets_faces.load(Ordering::Relaxed) {
                    for change in &mut changes {
                        if let Change::CreateSession(session) = change {
                            session.face = None;
                        }
                    }
                }
                self.store.commit(changes).await
            }
        }
    };
}

noted! {
    sweep(now: Timestamp) -> bool;
    expired_sign_ups(now: Timestamp, limit: usize) -> Vec<(PoolId, Sub)>;
    pool(id: &PoolId) -> Option<UserPoolRecord>;
    pools(after: Option<&PoolId>, limit: usize) -> Vec<UserPoolRecord>;
    counted_pool(id: &PoolId) -> Option<(UserPoolRecord, i64)>;
    client(id: &ClientId) -> Option<AppClient>;
    clients(pool: &PoolId, after: Option<&ClientId>, limit: usize) -> Vec<AppClient>;
    user_or_other(pool: &PoolId, names: &UserNames, place: &Sub) -> Option<UserOrOther>;
    user(pool: &PoolId, sub: &Sub) -> Option<User>;
    users(
        pool: &PoolId,
        filter: Option<&UserFilter>,
        after: Option<&UserCursor>,
        limit: usize
    ) -> UserPage;
    group(pool: &PoolId, name: &GroupName) -> Option<Group>;
    groups(pool: &PoolId, after: Option<&GroupName>, limit: usize) -> Vec<Group>;
    users_in_group(
        pool: &PoolId,
        group: &GroupName,
        after: Option<&UserCursor>,
        limit: usize
    ) -> UserPage;
    member_slice(
        pool: &PoolId,
        group: &GroupName,
        offset: u64,
        limit: u64
    ) -> Option<MemberSlice>;
    groups_of(pool: &PoolId, sub: &Sub) -> Vec<Group>;
    groups_of_each(pool: &PoolId, subs: &[Sub]) -> BTreeMap<Sub, Vec<Group>>;
    token_records(pool: &PoolId, names: &TokenNames) -> Option<TokenRecords>;
    session(pool: &PoolId, id: &SessionId) -> Option<Session>;
    sessions_of(pool: &PoolId, sub: &Sub, now: Timestamp, limit: usize) -> Vec<Session>;
    device(pool: &PoolId, sub: &Sub, key: &DeviceKey) -> Option<Device>;
    devices_of(
        pool: &PoolId,
        sub: &Sub,
        after: Option<&DeviceKey>,
        limit: usize
    ) -> Vec<Device>;
    trusted_device(pool: &PoolId, sub: &Sub) -> Option<TrustedDevice>;
    kept_session(pool: &PoolId, name: &str) -> Option<Sealed>;
    code(pool: &PoolId, subject: &str, purpose: CodePurpose) -> Option<VerificationCode>;
    is_used_up(next: &Use) -> bool;
    lockout(pool: &PoolId, subject: &str) -> Option<Lockout>;
    signing_keys(pool: &PoolId) -> Vec<SealedKey>;
    partner(pool: &PoolId, id: &PartnerId) -> Option<Partner>;
    partners_named(pool: &PoolId, ids: &[PartnerId]) -> Vec<Partner>;
    partners(pool: &PoolId) -> Vec<Partner>;
    grants(pool: &PoolId, groups: &[GroupName]) -> Vec<Grant>;
    all_grants(pool: &PoolId) -> Vec<Grant>;
    tenant_or_other(key: &str) -> Option<Tenant>;
    tenant(id: &TenantId) -> Option<Tenant>;
    tenants(after: &str, limit: usize) -> Vec<Tenant>;
    tenants_of_groups(pool: &PoolId, groups: &[GroupName]) -> Vec<Tenant>;
    credential(tenant: &Tenant, username_key: &str) -> Option<User>;
    credentials(tenant: &Tenant, after: Option<&UserCursor>, limit: usize) -> UserPage;
    count_call(key: &str, rate_limit: RateLimit, now: Timestamp) -> RateDecision;
    give_back_call(key: &str, micros: i64) -> ();
    credential_subs(tenant: &Tenant) -> Vec<Sub>;
    tenant_of_machine(pool: &PoolId, sub: &Sub) -> Option<TenantId>;
    suspension(pool: &PoolId, sub: &Sub) -> Option<Suspension>;
    due_follow_ups(pool: &PoolId, now: Timestamp, limit: usize) -> Vec<FollowUp>;
    access_key(id: &AccessKeyId) -> Option<AccessKey>;
    master_keys() -> Vec<MasterKeyRecord>;
    sealed_rows(place: SealedPlace, after: &RowKey, limit: usize) -> Vec<SealedRow>;
    messages(limit: usize) -> Vec<Message>;
    due_messages(channel: Channel, now: Timestamp, limit: usize) -> Vec<Message>;
    undelivered_messages(after: Option<(Timestamp, &MessageId)>, limit: usize) -> Vec<Message>;
}
