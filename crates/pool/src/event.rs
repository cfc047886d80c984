//! The events that an [`Observer`](crate::ports::Observer) receives about requests.

use crate::change::Change;
use crate::entity::User;
use crate::error::Refusal;
use crate::ids::{ClientId, DeviceKey, GroupName, PoolId, SessionId, Sub};

/// Something that happened during a request.
#[derive(Clone, Debug)]
pub enum Event<'a> {
    /// A verb has made its decision, and the changes are durable. A verb that returns early with a
    /// refusal causes no such event.
    Decided {
        /// Why the caller is refused, if so. A refusal can have effects, too.
        refusal: Option<&'a Refusal>,
        /// What the changes did, in their order.
        effects: &'a [Effect],
    },
    /// The request has been answered.
    Answered(Answered<'a>),
}

/// How a request was answered.
#[derive(Clone, Copy, Debug)]
pub struct Answered<'a> {
    /// The HTTP method.
    pub method: &'a str,
    /// The path as the face's table of endpoints spells it; `-` if it is in no table.
    pub path: &'a str,
    /// The operation, if the path has many; `-` otherwise.
    pub operation: &'a str,
    /// The HTTP status.
    pub status: u16,
    /// The face's name for the failure, if it has one.
    pub exception: Option<&'a str>,
    /// The time from arrival to answer, in milliseconds.
    pub ms: u64,
}

/// What a change did, and its target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effect {
    /// What was done.
    pub kind: EffectKind,
    /// The pool in which it was done.
    pub pool: PoolId,
    /// What it was done to.
    pub target: Target,
}

/// The target of an effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// The pool itself.
    Pool,
    /// An app client.
    Client(ClientId),
    /// A user.
    User(Sub),
    /// A group.
    Group(GroupName),
    /// A user as a member of a group.
    Member(Sub, GroupName),
    /// A sign-in.
    Session(SessionId),
    /// A user's device.
    Device(Sub, DeviceKey),
}

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EffectKind {
    /// A sign-in was completed.
    SignedIn,
    /// One sign-in was ended.
    SessionRevoked,
    /// All sign-ins of a user were ended.
    SignedOut,
    /// A user was created.
    UserCreated,
    /// A user's record was replaced.
    UserUpdated,
    /// A user was deleted.
    UserDeleted,
    /// A partner's administrator suspended a user.
    UserSuspended,
    /// A user's suspension was lifted.
    SuspensionLifted,
    /// A user was put into a group.
    GroupJoined,
    /// A user was taken out of a group.
    GroupLeft,
    /// A group was created.
    GroupCreated,
    /// A group was replaced.
    GroupUpdated,
    /// A group was deleted.
    GroupDeleted,
    /// A device was confirmed.
    DeviceConfirmed,
    /// A device was marked as remembered, or as not remembered.
    DeviceUpdated,
    /// A device was forgotten.
    DeviceForgotten,
    /// A pool was created.
    PoolCreated,
    /// A pool's settings were replaced.
    PoolUpdated,
    /// A pool was deleted.
    PoolDeleted,
    /// An app client was created.
    ClientCreated,
    /// An app client's settings were replaced.
    ClientUpdated,
    /// An app client was deleted.
    ClientDeleted,
}

impl Effect {
    /// The effect of a change, if observers are told of it. Most changes are bookkeeping for
    /// another change of the same commit.
    #[expect(clippy::too_many_lines, reason = "one table, read as one")]
    pub(crate) fn of(change: &Change) -> Option<Self> {
        use EffectKind as Kind;
        let user = |user: &User| (user.pool.clone(), Target::User(user.sub.clone()));
        let of = |pool: &PoolId, target| (pool.clone(), target);
        let (kind, (pool, target)) = match change {
            Change::CreateSession(session) => {
                (Kind::SignedIn, of(&session.pool, Target::Session(session.id.clone())))
            }
            Change::RevokeSession { pool, id, .. } => {
                (Kind::SessionRevoked, of(pool, Target::Session(id.clone())))
            }
            Change::RevokeSessionsOf { pool, sub, .. } => {
                (Kind::SignedOut, of(pool, Target::User(sub.clone())))
            }
            Change::CreateUser { user: made, .. } => (Kind::UserCreated, user(made)),
            Change::UpdateUser(changed) => (Kind::UserUpdated, user(changed)),
            Change::DeleteUser { pool, sub, .. } => {
                (Kind::UserDeleted, of(pool, Target::User(sub.clone())))
            }
            Change::PutSuspension(made) => {
                (Kind::UserSuspended, of(&made.pool, Target::User(made.sub.clone())))
            }
            Change::LiftSuspension { pool, sub, .. } => {
                (Kind::SuspensionLifted, of(pool, Target::User(sub.clone())))
            }
            Change::AddToGroup { pool, sub, group } | Change::JoinGroup { pool, sub, group } => {
                (Kind::GroupJoined, of(pool, Target::Member(sub.clone(), group.clone())))
            }
            Change::RemoveFromGroup { pool, sub, group } => {
                (Kind::GroupLeft, of(pool, Target::Member(sub.clone(), group.clone())))
            }
            Change::CreateGroup(group) => {
                (Kind::GroupCreated, of(&group.pool, Target::Group(group.name.clone())))
            }
            Change::UpdateGroup { after, .. } => {
                (Kind::GroupUpdated, of(&after.pool, Target::Group(after.name.clone())))
            }
            Change::DeleteGroup { pool, name } => {
                (Kind::GroupDeleted, of(pool, Target::Group(name.clone())))
            }
            Change::CreateDevice(device) => {
                let target = Target::Device(device.sub.clone(), device.key.clone());
                (Kind::DeviceConfirmed, of(&device.pool, target))
            }
            Change::UpdateDevice(device) => {
                let target = Target::Device(device.sub.clone(), device.key.clone());
                (Kind::DeviceUpdated, of(&device.pool, target))
            }
            Change::DeleteDevice { pool, sub, key } => {
                (Kind::DeviceForgotten, of(pool, Target::Device(sub.clone(), key.clone())))
            }
            Change::CreatePool(pool) => (Kind::PoolCreated, of(&pool.id, Target::Pool)),
            Change::UpdatePool(pool) => (Kind::PoolUpdated, of(&pool.id, Target::Pool)),
            Change::DeletePool { pool, .. } => (Kind::PoolDeleted, of(pool, Target::Pool)),
            Change::CreateClient(client) => {
                (Kind::ClientCreated, of(&client.pool, Target::Client(client.id.clone())))
            }
            Change::UpdateClient(client) => {
                (Kind::ClientUpdated, of(&client.pool, Target::Client(client.id.clone())))
            }
            Change::DeleteClient { pool, id } => {
                (Kind::ClientDeleted, of(pool, Target::Client(id.clone())))
            }
            Change::CreateSigningKey(_)
            | Change::UpdateSigningKey(_)
            | Change::DeleteSigningKey { .. }
            | Change::ExpectUser { .. }
            | Change::TouchLockout { .. }
            | Change::LookForUser { .. }
            | Change::AddAlias { .. }
            | Change::RemoveAlias { .. }
            | Change::ForgetSuspension { .. }
            | Change::PutFollowUp(_)
            | Change::TryFollowUp { .. }
            | Change::DeleteFollowUp { .. }
            | Change::RotateSession { .. }
            | Change::RevokeStaleSessions { .. }
            | Change::ExpectDevice { .. }
            | Change::TouchDevice { .. }
            | Change::DeleteStaleDevices { .. }
            | Change::PutTrustedDevice(_)
            | Change::DeleteDevicesOf { .. }
            | Change::KeepSession { .. }
            | Change::Spend { .. }
            | Change::SetLockout(_)
            | Change::ClearLockout { .. }
            | Change::ExpectNoLockout { .. }
            | Change::PutCode(_)
            | Change::SpendCode(_)
            | Change::UseQuota(_)
            | Change::UseSilentQuota(_)
            | Change::TakeAlias { .. }
            | Change::Enqueue(_)
            | Change::AdvanceMessage { .. }
            | Change::RemoveMessage { .. }
            | Change::CreatePartner(_)
            | Change::UpdatePartner { .. }
            | Change::Grant(_)
            | Change::RevokeGrant(_)
            | Change::CreateTenant(_)
            | Change::UpdateTenant { .. }
            | Change::DeleteTenant(_)
            | Change::AddCredential { .. }
            | Change::RemoveCredential { .. }
            | Change::PutAccessKey(_)
            | Change::MasterKey(_)
            | Change::Reseal { .. }
            | Change::PutSignUp { .. }
            | Change::RemoveSignUp { .. } => return None,
        };
        Some(Self { kind, pool, target })
    }
}
