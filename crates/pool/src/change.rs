//! What a decision wants changed. A store applies a list of changes in one transaction.

use crate::crypto::resealing::SealedRow;
use crate::crypto::seal::Sealed;
use crate::entity::{
    AccessKey, AliasKey, AppClient, DeliveryProgress, Device, FollowUp, Grant, Group,
    MasterKeyRecord, MasterKeyState, Message, Partner, SealedKey, Session, Spent, Suspension,
    Tenant, TrustedDevice, User, UserPoolRecord, VerificationCode,
};
use crate::ids::{
    ClientId, DeviceKey, GroupName, KeyId, MessageId, PartnerId, PoolId, SessionId, Sub, TenantId,
};
use crate::limits::lockout::Lockout;
use crate::limits::quota::Use;
use crate::time::Timestamp;

/// One change. Each says under what circumstances the store refuses it; a refused change undoes
/// the whole list.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// Refused if the pool exists.
    CreatePool(Box<UserPoolRecord>),
    /// Replaces a pool's settings and counts its version up. Refused unless the stored version is
    /// the record's.
    UpdatePool(Box<UserPoolRecord>),
    /// Removes a pool: what it is found by at once, all that is in it in portions ([`Store::sweep`]).
    /// Refused unless the stored version is this one.
    ///
    /// [`Store::sweep`]: crate::ports::Store::sweep
    DeletePool {
        /// The pool.
        pool: PoolId,
        /// The version the decision was made on.
        version: i64,
    },
    /// Refused if a client of this id exists in any pool.
    CreateClient(Box<AppClient>),
    /// Replaces a client's settings and counts its version up. Refused unless the stored version
    /// is the record's.
    UpdateClient(Box<AppClient>),
    /// Removes a client, and in portions the sign-ins made through it. Refused unless the client
    /// exists in this pool.
    DeleteClient {
        /// The client's pool.
        pool: PoolId,
        /// The client.
        id: ClientId,
    },
    /// Refused if the key exists.
    CreateSigningKey(SealedKey),
    /// Replaces from when on a key signs and when it goes. Refused unless the key exists.
    UpdateSigningKey(SealedKey),
    /// Removes a key. Refused unless it exists.
    DeleteSigningKey {
        /// The key's pool.
        pool: PoolId,
        /// The key.
        id: KeyId,
    },
    /// Refused if the `sub` or the username is taken.
    CreateUser {
        /// The record.
        user: Box<User>,
        /// The username in the form in which it is looked up.
        username_key: String,
    },
    /// Replaces a user and counts its version up. Refused unless the stored version is the
    /// record's.
    UpdateUser(Box<User>),
    /// Removes a user with all that belongs to it: aliases, memberships, sessions, devices, failed
    /// attempts. Refused unless the stored version is this one.
    DeleteUser {
        /// The user's pool.
        pool: PoolId,
        /// The user.
        sub: Sub,
        /// The version the decision was made on.
        version: i64,
    },
    /// Changes nothing. Refused unless the user exists in this version.
    ExpectUser {
        /// The user's pool.
        pool: PoolId,
        /// The user.
        sub: Sub,
        /// The version the decision was made on.
        version: i64,
    },
    /// Writes a record of failures as it is: what is done about an attempt during a lock takes as long
    /// as what is done about any other, and gets in nobody's way.
    TouchLockout {
        /// The pool.
        pool: PoolId,
        /// Whose it is.
        subject: String,
    },
    /// Looks for a user whom there is not, as long as [`Self::ExpectUser`] takes to find one.
    LookForUser {
        /// The pool.
        pool: PoolId,
    },
    /// Lets an alias lead to a user. Refused if it leads to another one.
    AddAlias {
        /// The pool.
        pool: PoolId,
        /// The user.
        sub: Sub,
        /// The alias.
        key: AliasKey,
    },
    /// Stops an alias from leading to a user. Never refused; one that leads to another user or to
    /// nobody stays as it is.
    RemoveAlias {
        /// The pool.
        pool: PoolId,
        /// The user.
        sub: Sub,
        /// The alias.
        key: AliasKey,
    },
    /// Refused if the group exists.
    CreateGroup(Group),
    /// Replaces a group's settings. Refused unless the group is as it was read.
    UpdateGroup {
        /// The group as it was read.
        before: Group,
        /// The group as it shall be.
        after: Group,
    },
    /// Removes a group and its permissions, and in portions its memberships. Refused unless the group
    /// exists.
    DeleteGroup {
        /// The pool.
        pool: PoolId,
        /// The group.
        name: GroupName,
    },
    /// Puts a user into a group. Refused unless the group exists; a second time changes nothing.
    AddToGroup {
        /// The pool.
        pool: PoolId,
        /// The user.
        sub: Sub,
        /// The group.
        group: GroupName,
    },
    /// Puts a user into a group. Refused unless the group exists, and if the user is in it.
    JoinGroup {
        /// The pool.
        pool: PoolId,
        /// The user.
        sub: Sub,
        /// The group.
        group: GroupName,
    },
    /// Takes a user out of a group. Never refused; a second time changes nothing.
    RemoveFromGroup {
        /// The pool.
        pool: PoolId,
        /// The user.
        sub: Sub,
        /// The group.
        group: GroupName,
    },
    /// Records who suspended a user, in place of what was recorded before. Never refused.
    PutSuspension(Suspension),
    /// Removes the record of a suspension. Refused unless this partner's administrators made it.
    LiftSuspension {
        /// The pool.
        pool: PoolId,
        /// The user.
        sub: Sub,
        /// The partner.
        partner: PartnerId,
    },
    /// Removes the record of a suspension: from now on it is the operator's. Never refused.
    ForgetSuspension {
        /// The pool.
        pool: PoolId,
        /// The user.
        sub: Sub,
    },
    /// Never refused.
    PutFollowUp(FollowUp),
    /// Takes note that a follow-up is tried, and when again. Refused unless it was tried this often.
    TryFollowUp {
        /// Its id.
        id: String,
        /// How often it has been tried.
        attempts: u32,
        /// When it is due again.
        due: Timestamp,
    },
    /// A follow-up is done. Never refused.
    DeleteFollowUp {
        /// Its id.
        id: String,
    },
    /// Refused if the session exists.
    CreateSession(Session),
    /// Counts up how often a session's refresh token was replaced. Refused unless it was replaced
    /// this often so far and the session has not been ended.
    RotateSession {
        /// The pool.
        pool: PoolId,
        /// The session.
        id: SessionId,
        /// How often so far.
        rotation: i64,
        /// When.
        at: Timestamp,
    },
    /// Ends a session. Never refused; ending it again keeps the first time.
    RevokeSession {
        /// The pool.
        pool: PoolId,
        /// The session.
        id: SessionId,
        /// When.
        at: Timestamp,
    },
    /// Ends all sessions of a user. Never refused.
    RevokeSessionsOf {
        /// The pool.
        pool: PoolId,
        /// The user.
        sub: Sub,
        /// When.
        at: Timestamp,
    },
    /// Ends a user's live sessions but for so many, those used least recently first. Never refused.
    RevokeStaleSessions {
        /// The pool.
        pool: PoolId,
        /// The user.
        sub: Sub,
        /// When.
        at: Timestamp,
        /// How many are kept.
        keep: u32,
    },
    /// Refused if the user has a device of this key.
    CreateDevice(Box<Device>),
    /// Replaces a device's name and state and counts its version up. Refused unless the stored
    /// version is the record's.
    UpdateDevice(Box<Device>),
    /// Changes nothing. Refused unless the device exists in this version.
    ExpectDevice {
        /// The user's pool.
        pool: PoolId,
        /// The user.
        sub: Sub,
        /// The device.
        key: DeviceKey,
        /// The version the decision was made on.
        version: i64,
    },
    /// Notes that a device's user has signed in with it. Never refused; nothing is noted of a device
    /// that is gone.
    TouchDevice {
        /// The user's pool.
        pool: PoolId,
        /// The user.
        sub: Sub,
        /// The device.
        key: DeviceKey,
        /// When.
        at: Timestamp,
        /// Where from, if that is known.
        address: Option<String>,
    },
    /// Forgets a device. Refused unless it exists.
    DeleteDevice {
        /// The user's pool.
        pool: PoolId,
        /// The user.
        sub: Sub,
        /// The device.
        key: DeviceKey,
    },
    /// Forgets a user's devices but for so many, those unused for longest first. Never refused.
    DeleteStaleDevices {
        /// The user's pool.
        pool: PoolId,
        /// The user.
        sub: Sub,
        /// How many are kept.
        keep: u32,
    },
    /// Trusts a device in place of the one before. Never refused.
    PutTrustedDevice(TrustedDevice),
    /// Forgets all devices of a user, the trusted one too. Never refused.
    DeleteDevicesOf {
        /// The user's pool.
        pool: PoolId,
        /// The user.
        sub: Sub,
    },
    /// Keeps the session of a sign-in in progress under a name, in place of one that was kept there
    /// before. Never refused.
    KeepSession {
        /// The pool.
        pool: PoolId,
        /// The name, which only who knows what it was made of can make.
        name: String,
        /// The session, sealed once more so that the row lets nobody go on with it.
        session: Sealed,
        /// When it could not be used any more anyway, so that the row may go.
        until: Timestamp,
    },
    /// Uses up something that works once: a challenge session, a TOTP step. Refused if it is
    /// spent already.
    Spend {
        /// The pool.
        pool: PoolId,
        /// What is spent.
        spent: Spent,
        /// When it could not be used any more anyway, so that the row may go.
        until: Timestamp,
    },
    /// Stores a subject's failed attempts. `Lockout::version` is the version it was decided on, 0
    /// if there was none; refused unless that is the stored one. The stored one is counted up.
    SetLockout(Lockout),
    /// Forgets a subject's failed attempts. Refused unless the stored version is this one.
    ClearLockout {
        /// The pool.
        pool: PoolId,
        /// The subject.
        subject: String,
        /// The version the decision was made on.
        version: i64,
    },
    /// Refused unless the subject has no failed attempts on record.
    ExpectNoLockout {
        /// The pool.
        pool: PoolId,
        /// The subject.
        subject: String,
    },
    /// Stores a code in place of the one before for the same purpose. Never refused.
    PutCode(VerificationCode),
    /// Uses up a code. Refused unless it is the one stored.
    SpendCode(VerificationCode),
    /// Counts one use. Refused if the quota is used up.
    UseQuota(Use),
    /// The same of a quota that the caller hears nothing of: once it is used up, something else is
    /// decided.
    UseSilentQuota(Use),
    /// Lets an alias lead to a user, whoever it led to before. Never refused.
    TakeAlias {
        /// The pool.
        pool: PoolId,
        /// The user.
        sub: Sub,
        /// The alias.
        key: AliasKey,
    },
    /// Puts a message into the outbox.
    Enqueue(Message),
    /// Replaces how far a message has come. Refused unless the message is there and has seen so
    /// many attempts: of two who want to send it, one may.
    AdvanceMessage {
        /// The message's pool.
        pool: PoolId,
        /// The message.
        id: MessageId,
        /// The number of attempts that the decision was made on.
        attempts: u32,
        /// How far it has come now.
        progress: DeliveryProgress,
    },
    /// Removes a message that was delivered. Never refused.
    RemoveMessage {
        /// The message's pool.
        pool: PoolId,
        /// The message.
        id: MessageId,
    },
    /// Refused if the partner exists.
    CreatePartner(Box<Partner>),
    /// Replaces a partner. Refused unless it is as it was read.
    UpdatePartner {
        /// The partner as it was read.
        before: Box<Partner>,
        /// The partner as it shall be.
        after: Box<Partner>,
    },
    /// Lets a group carry a permission. Refused unless the group exists; a second time changes
    /// nothing.
    Grant(Grant),
    /// Takes a permission from a group. Never refused; a second time changes nothing.
    RevokeGrant(Grant),
    /// Refused if a tenant has the id or the name ([`Tenant::key`]).
    CreateTenant(Tenant),
    /// Replaces a tenant. Refused unless it is as it was read, or if another has the new name.
    UpdateTenant {
        /// The tenant as it was read.
        before: Tenant,
        /// The tenant as it shall be, of the same id.
        after: Tenant,
    },
    /// Removes a tenant; its users stay. Refused unless it is as it was read.
    DeleteTenant(Tenant),
    /// Makes a user a machine credential of a tenant. Refused if it is one, or if the tenant has
    /// [`MOST_CREDENTIALS`](crate::backend::tenancy::MOST_CREDENTIALS) or is gone.
    AddCredential {
        /// The user's pool.
        pool: PoolId,
        /// The user.
        sub: Sub,
        /// The tenant.
        tenant: TenantId,
    },
    /// Makes a user no machine credential any more. For users whom another place keeps: those of our
    /// own are removed. Never refused.
    RemoveCredential {
        /// The user's pool.
        pool: PoolId,
        /// The user.
        sub: Sub,
    },
    /// Creates or replaces an access key.
    PutAccessKey(AccessKey),
    /// What the database knows of its master keys.
    MasterKey(MasterKeyChange),
    /// Replaces what is sealed in a row, unless it has changed since it was read. Never refused.
    Reseal {
        /// The row as it was read.
        before: SealedRow,
        /// The row as it shall be.
        after: SealedRow,
    },
    /// Notes until when a user who signed up has time to prove it. A later note takes the place of
    /// the one before.
    PutSignUp {
        /// The user's pool.
        pool: PoolId,
        /// The user.
        sub: Sub,
        /// The end of that time.
        until: Timestamp,
    },
    /// Removes that note, if it is there.
    RemoveSignUp {
        /// The user's pool.
        pool: PoolId,
        /// The user.
        sub: Sub,
    },
}

/// A change of what the database knows of its master keys.
#[derive(Clone, Debug, PartialEq)]
pub enum MasterKeyChange {
    /// Refused if there is a master key of this generation.
    Create(MasterKeyRecord),
    /// Brings a master key from one state to another. Refused unless it is in the first one.
    Advance {
        /// Which one.
        generation: i64,
        /// The state that the decision was made on.
        from: MasterKeyState,
        /// The state from now on.
        to: MasterKeyState,
        /// The current time.
        at: Timestamp,
    },
    /// Notes that a node does not hold a master key that is announced. Never refused.
    Miss {
        /// Which one.
        generation: i64,
    },
    /// Forgets a master key. Refused unless it is in this state.
    Delete {
        /// Which one.
        generation: i64,
        /// The state that the decision was made on.
        state: MasterKeyState,
    },
}
