//! What the engine needs from the world besides time and randomness: storage, heavy computation, an
//! observer of events, and a way to send messages.

mod user_filter;

use crate::change::Change;
use crate::crypto::resealing::{RowKey, SealedPlace, SealedRow};
use crate::crypto::seal::Sealed;
use crate::crypto::secret::Secret;
use crate::entity::{
    AccessKey, AliasKey, AppClient, Channel, CodePurpose, Device, FollowUp, Grant, Group,
    MasterKeyRecord, Message, MessagePurpose, Partner, SealedKey, Session, Suspension, Tenant,
    TrustedDevice, User, UserPoolRecord, VerificationCode,
};
use crate::error::{CommitError, StoreError, WorkerError};
use crate::event::Event;
use crate::ids::{
    AccessKeyId, ClientId, DeviceKey, GroupName, MessageId, PartnerId, PoolId, SessionId, Sub,
    TenantId, Username,
};
use crate::limits::lockout::Lockout;
use crate::limits::quota::Use;
use crate::limits::rate_limit::{RateDecision, RateLimit};
use crate::request::RequestContext;
use crate::time::Timestamp;
use async_trait::async_trait;
use std::collections::BTreeMap;

pub use user_filter::{FilterField, SearchableAttribute, UserFilter};

/// Does the work that would hold up other requests: password hashing and key generation. It runs
/// on threads of its own with a bounded queue.
#[async_trait]
pub trait Workers: Send + Sync {
    /// Hashes a password with a fresh salt. The result is a PHC string.
    async fn hash(&self, password: Secret) -> Result<Secret, WorkerError>;

    /// Compares a password with a PHC string.
    async fn verify(&self, password: Secret, hash: Secret) -> Result<Verified, WorkerError>;

    /// A PHC string that matches no password and costs as much to compare with as any other. The
    /// passwords of unknown users are compared with it.
    fn decoy(&self) -> Secret;

    /// Generates an RSA-2048 key pair, PKCS #8.
    async fn generate_rsa_key(&self) -> Result<Vec<u8>, WorkerError>;
}

/// The result of comparing a password with its hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verified {
    /// Whether the password is the one that was hashed.
    pub matches: bool,
    /// Whether the hash was made with weaker parameters than today's.
    pub outdated: bool,
}

/// The names under which a user is looked up, tried in this order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserNames {
    /// The username in the form in which it is looked up.
    pub username_key: String,
    /// The name, read as a `sub`.
    pub sub: Sub,
    /// The name, read as an alias of each kind that the pool has.
    pub alias_keys: Vec<AliasKey>,
}

/// The user that a name leads to, or a stand-in.
#[derive(Clone, Debug, PartialEq)]
pub enum UserOrOther {
    /// To this user.
    Named(User),
    /// To nobody. This user only makes the work the same.
    Other(User),
}

impl UserOrOther {
    /// The user that the name leads to.
    pub fn named(self) -> Option<User> {
        match self {
            Self::Named(user) => Some(user),
            Self::Other(_) => None,
        }
    }
}

/// A page of a listing that starts after the row a cursor names.
#[derive(Clone, Debug, PartialEq)]
pub struct UserPage {
    /// The users of this page, at most as many as asked for, in the order of the filtered field
    /// (of `sub` without a filter), then of `sub`.
    pub users: Vec<User>,
    /// Where the next page starts; `None` on the last one.
    pub next: Option<UserCursor>,
}

/// The last row of a page.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct UserCursor {
    /// Its value of the filtered field, in the form compared; empty without a filter.
    pub value: String,
    /// Its `sub`.
    pub sub: Sub,
}

/// A part of a group's users that is counted.
#[derive(Clone, Debug, PartialEq)]
pub struct MemberSlice {
    /// The pool.
    pub pool: UserPoolRecord,
    /// How many users the group has, and those of this part; `None` if there is no such group.
    pub members: Option<(u64, Vec<User>)>,
}

/// The records that an access token names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenNames {
    /// The app client.
    pub client: ClientId,
    /// The sign-in, if the client's tokens name it.
    pub session: Option<SessionId>,
    /// The user.
    pub sub: Sub,
}

/// The records that an access token leads to, as far as they are there.
#[derive(Clone, Debug, PartialEq)]
pub struct TokenRecords {
    /// The pool.
    pub pool: UserPoolRecord,
    /// The app client, of whatever pool.
    pub client: Option<AppClient>,
    /// The sign-in.
    pub session: Option<Session>,
    /// The user.
    pub user: Option<User>,
}

/// Keeps the records. Reads see every commit that was acknowledged before they began.
#[async_trait]
pub trait Store: Send + Sync {
    /// A pool's settings.
    async fn pool(&self, id: &PoolId) -> Result<Option<UserPoolRecord>, StoreError>;

    /// The pools by id, at most so many, after the one named.
    async fn pools(
        &self,
        after: Option<&PoolId>,
        limit: usize,
    ) -> Result<Vec<UserPoolRecord>, StoreError>;

    /// A pool's settings, and how many users it has.
    async fn counted_pool(&self, id: &PoolId) -> Result<Option<(UserPoolRecord, i64)>, StoreError>;

    /// An app client; its id says which pool it belongs to.
    async fn client(&self, id: &ClientId) -> Result<Option<AppClient>, StoreError>;

    /// The app clients of a pool by id, at most so many, after the one named.
    async fn clients(
        &self,
        pool: &PoolId,
        after: Option<&ClientId>,
        limit: usize,
    ) -> Result<Vec<AppClient>, StoreError>;

    /// The user that a name leads to, or another one, so that a name that leads to nobody costs as
    /// many reads and as much parsing. The other is the first confirmed user of the pool at or
    /// after `place` in the order of subs, or else the first confirmed one of the pool, or else any
    /// user at all. Users who have only signed up come last: otherwise strangers could choose who
    /// it is. `None` only if there is no user at all.
    async fn user_or_other(
        &self,
        pool: &PoolId,
        names: &UserNames,
        place: &Sub,
    ) -> Result<Option<UserOrOther>, StoreError>;

    /// The user that a name leads to, found by the same work.
    async fn find_user(
        &self,
        pool: &PoolId,
        names: &UserNames,
    ) -> Result<Option<User>, StoreError> {
        Ok(self.user_or_other(pool, names, &Sub::from("")).await?.and_then(UserOrOther::named))
    }

    /// A user by id.
    async fn user(&self, pool: &PoolId, sub: &Sub) -> Result<Option<User>, StoreError>;

    /// A page of users.
    async fn users(
        &self,
        pool: &PoolId,
        filter: Option<&UserFilter>,
        after: Option<&UserCursor>,
        limit: usize,
    ) -> Result<UserPage, StoreError>;

    /// A group.
    async fn group(&self, pool: &PoolId, name: &GroupName) -> Result<Option<Group>, StoreError>;

    /// The groups of a pool by name, at most so many, after the one named.
    async fn groups(
        &self,
        pool: &PoolId,
        after: Option<&GroupName>,
        limit: usize,
    ) -> Result<Vec<Group>, StoreError>;

    /// A page of the users of a group.
    async fn users_in_group(
        &self,
        pool: &PoolId,
        group: &GroupName,
        after: Option<&UserCursor>,
        limit: usize,
    ) -> Result<UserPage, StoreError>;

    /// The users of a group by `sub`, at most so many, after so many others; how many others does not
    /// matter. `None` if there is no such pool.
    async fn member_slice(
        &self,
        pool: &PoolId,
        group: &GroupName,
        offset: u64,
        limit: u64,
    ) -> Result<Option<MemberSlice>, StoreError>;

    /// A user's groups: lowest precedence first, those without one last, then by name.
    async fn groups_of(&self, pool: &PoolId, sub: &Sub) -> Result<Vec<Group>, StoreError>;

    /// The groups of each of these users, in the same order. Users who do not exist have no entry.
    async fn groups_of_each(
        &self,
        pool: &PoolId,
        subs: &[Sub],
    ) -> Result<BTreeMap<Sub, Vec<Group>>, StoreError>;

    /// What an access token of a pool leads to, as of one moment; `None` if there is no such pool.
    async fn token_records(
        &self,
        pool: &PoolId,
        names: &TokenNames,
    ) -> Result<Option<TokenRecords>, StoreError>;

    /// A completed sign-in.
    async fn session(&self, pool: &PoolId, id: &SessionId) -> Result<Option<Session>, StoreError>;

    /// The sign-ins of a user that are neither ended nor expired, newest first, at most so many.
    async fn sessions_of(
        &self,
        pool: &PoolId,
        sub: &Sub,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<Session>, StoreError>;

    /// A device of a user.
    async fn device(
        &self,
        pool: &PoolId,
        sub: &Sub,
        key: &DeviceKey,
    ) -> Result<Option<Device>, StoreError>;

    /// The devices of a user by key, at most so many, after the one named.
    async fn devices_of(
        &self,
        pool: &PoolId,
        sub: &Sub,
        after: Option<&DeviceKey>,
        limit: usize,
    ) -> Result<Vec<Device>, StoreError>;

    /// The device that a user's sign-ins are remembered on, expired or not.
    async fn trusted_device(
        &self,
        pool: &PoolId,
        sub: &Sub,
    ) -> Result<Option<TrustedDevice>, StoreError>;

    /// A session kept under a name ([`Change::KeepSession`]).
    async fn kept_session(&self, pool: &PoolId, name: &str) -> Result<Option<Sealed>, StoreError>;

    /// The code a subject was sent for a purpose and has not used.
    async fn code(
        &self,
        pool: &PoolId,
        subject: &str,
        purpose: CodePurpose,
    ) -> Result<Option<VerificationCode>, StoreError>;

    /// Whether one more use would be refused ([`Change::UseQuota`]).
    async fn is_used_up(&self, next: &Use) -> Result<bool, StoreError>;

    /// The failed attempts of a subject.
    async fn lockout(&self, pool: &PoolId, subject: &str) -> Result<Option<Lockout>, StoreError>;

    /// A pool's signing keys, oldest first.
    async fn signing_keys(&self, pool: &PoolId) -> Result<Vec<SealedKey>, StoreError>;

    /// A partner of a pool.
    async fn partner(&self, pool: &PoolId, id: &PartnerId) -> Result<Option<Partner>, StoreError>;

    /// Those of these partners that exist, in any order.
    async fn partners_named(
        &self,
        pool: &PoolId,
        ids: &[PartnerId],
    ) -> Result<Vec<Partner>, StoreError>;

    /// All partners of a pool by id. Operators have hundreds of them, not millions.
    async fn partners(&self, pool: &PoolId) -> Result<Vec<Partner>, StoreError>;

    /// The permissions that these groups carry.
    async fn grants(&self, pool: &PoolId, groups: &[GroupName]) -> Result<Vec<Grant>, StoreError>;

    /// The permissions that any groups carry, by group, partner and permission.
    async fn all_grants(&self, pool: &PoolId) -> Result<Vec<Grant>, StoreError>;

    /// A tenant by [`Tenant::key`]. If there is none, the one whose key comes next, or the first of
    /// all, so that the work is the same; `None` only if there is no tenant.
    async fn tenant_or_other(&self, key: &str) -> Result<Option<Tenant>, StoreError>;

    /// A tenant by id.
    async fn tenant(&self, id: &TenantId) -> Result<Option<Tenant>, StoreError>;

    /// The tenants by key, at most so many, after this key.
    async fn tenants(&self, after: &str, limit: usize) -> Result<Vec<Tenant>, StoreError>;

    /// The tenants of a pool that one of these groups is of, as their group or their
    /// administrators', each once.
    async fn tenants_of_groups(
        &self,
        pool: &PoolId,
        groups: &[GroupName],
    ) -> Result<Vec<Tenant>, StoreError>;

    /// A machine credential of a tenant, by its username in the form in which it is looked up.
    async fn credential(
        &self,
        tenant: &Tenant,
        username_key: &str,
    ) -> Result<Option<User>, StoreError>;

    /// A page of a tenant's machine credentials.
    async fn credentials(
        &self,
        tenant: &Tenant,
        after: Option<&UserCursor>,
        limit: usize,
    ) -> Result<UserPage, StoreError>;

    /// All users who are machine credentials of a tenant, in order, also those whom another place
    /// keeps.
    async fn credential_subs(&self, tenant: &Tenant) -> Result<Vec<Sub>, StoreError>;

    /// The tenant that a user is a machine credential of.
    async fn tenant_of_machine(
        &self,
        pool: &PoolId,
        sub: &Sub,
    ) -> Result<Option<TenantId>, StoreError>;

    /// Who suspended a user, if an administrator of a partner did.
    async fn suspension(&self, pool: &PoolId, sub: &Sub) -> Result<Option<Suspension>, StoreError>;

    /// What remains to be done for a pool at Amazon and is due, the longest-due first, at most so
    /// many.
    async fn due_follow_ups(
        &self,
        pool: &PoolId,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<FollowUp>, StoreError>;

    /// Users who signed up and whose time to confirm it has passed, the longest-expired first, at
    /// most so many. Their records show whether they have confirmed since.
    async fn expired_sign_ups(
        &self,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<(PoolId, Sub)>, StoreError>;

    /// An access key.
    async fn access_key(&self, id: &AccessKeyId) -> Result<Option<AccessKey>, StoreError>;

    /// The newest messages of the outbox, newest first.
    async fn messages(&self, limit: usize) -> Result<Vec<Message>, StoreError>;

    /// The messages that wait on a channel and whose next attempt is due by `now`, the longest due
    /// first, then in the order in which they were made; at most so many.
    async fn due_messages(
        &self,
        channel: Channel,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<Message>, StoreError>;

    /// The messages that wait or were given up, oldest first, at most so many, after the one made
    /// then with that id.
    async fn undelivered_messages(
        &self,
        after: Option<(Timestamp, &MessageId)>,
        limit: usize,
    ) -> Result<Vec<Message>, StoreError>;

    /// What is known about the master keys, by generation.
    async fn master_keys(&self) -> Result<Vec<MasterKeyRecord>, StoreError>;

    /// The rows of a place that hold sealed values, by key, at most so many, after the one named.
    async fn sealed_rows(
        &self,
        place: SealedPlace,
        after: &RowKey,
        limit: usize,
    ) -> Result<Vec<SealedRow>, StoreError>;

    /// Whether other processes may use the same records at the same time.
    fn is_shared(&self) -> bool;

    /// Counts one call for a key, unless the key has none left, as [`RateLimit::take`] does. Of all
    /// calls at the same moment, on any node, no more are allowed than are left. The count need not
    /// be durable when this returns: after a crash, a key may get some calls of its last second
    /// back.
    async fn count_call(
        &self,
        key: &str,
        rate_limit: RateLimit,
        now: Timestamp,
    ) -> Result<RateDecision, StoreError>;

    /// Brings the moment at which a key has its whole allowance again forward by so many
    /// microseconds. Like a count, it need not be durable.
    async fn give_back_call(&self, key: &str, micros: i64) -> Result<(), StoreError>;

    /// Removes a portion of what has lost its meaning by `now`: spent values
    /// [`crate::time::CLOCK_SKEW`] past their time, kept rows past theirs, sessions, trusted devices and
    /// signing keys past their expiry, lockouts without an attempt for
    /// [`crate::limits::lockout::MEMORY`], messages older than a week, and what deleted pools, app
    /// clients and groups have left. Whether more is left to do. Other commits come in between.
    async fn sweep(&self, now: Timestamp) -> Result<bool, StoreError>;

    /// Applies all changes in one transaction, or none. When this returns, they are durable. Whoever
    /// takes the name of a pool, an app client or a group that was deleted waits until the rest of that
    /// is removed, too.
    async fn commit(&self, changes: Vec<Change>) -> Result<(), CommitError>;
}

/// Receives every event, for the log and for any other record of what happened.
pub trait Observer: Send + Sync {
    /// Receives an event as soon as it has happened. It must not block, because the request waits
    /// for it.
    fn observe(&self, request: &RequestContext, event: &Event<'_>);
}

/// Ignores every event.
#[derive(Clone, Copy, Debug)]
pub struct Unobserved;

impl Observer for Unobserved {
    fn observe(&self, _: &RequestContext, _: &Event<'_>) {}
}

/// Hands messages to what carries them on: a mail server, or a provider of text messages.
#[async_trait]
pub trait Sender: Send + Sync {
    /// Sends a message. It ends by itself well within [`crate::local::LEASE`]. The same message may
    /// be sent again, e.g. after a crash: its id shows that it is the same.
    async fn send(&self, message: &Outgoing) -> Result<(), SendError>;
}

/// A message on its way out.
pub struct Outgoing {
    /// Its id, the same at every attempt.
    pub id: MessageId,
    /// The pool on whose behalf it is sent.
    pub pool: PoolId,
    /// How it travels.
    pub channel: Channel,
    /// Why it is sent.
    pub purpose: MessagePurpose,
    /// The address.
    pub to: String,
    /// The subject of a mail.
    pub subject: String,
    /// The text.
    pub body: Secret,
    /// Whether the text of a mail is HTML.
    pub html: bool,
    /// The code or temporary password in the text, if there is one.
    pub code: Option<Secret>,
    /// The canonical username of the user it concerns.
    pub username: Username,
    /// When it was decided on.
    pub created_at: Timestamp,
    /// The sender address in the pool's own settings, as written there.
    pub from: Option<String>,
    /// The reply address in the pool's own settings.
    pub reply_to: Option<String>,
}

/// Why a message was not sent. The reasons are kept and logged: they name neither address nor code
/// nor anything of the text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// Another attempt may succeed.
    #[error("{0}")]
    Transient(String),
    /// No other attempt will succeed.
    #[error("{0}")]
    Permanent(String),
}
