use crate::ids::{GroupName, PoolId};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// What remains to be done at Amazon after a call that cannot be undone, because a call after it
/// failed. It is tried until it is done, and nothing happens if it is done twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FollowUp {
    /// Its id.
    pub id: String,
    /// The pool at Amazon.
    pub pool: PoolId,
    /// A name of the user there.
    pub username: String,
    /// What is to be done.
    pub work: FollowUpWork,
    /// When it is tried next.
    pub due: Timestamp,
    /// How often it has been tried.
    pub attempts: u32,
}

/// What is to be done about a user at Amazon.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FollowUpWork {
    /// The user's sign-ins end, and the devices are forgotten.
    EndEverything,
    /// The devices are forgotten.
    ForgetDevices,
    /// The user joins a group.
    JoinGroup(GroupName),
    /// Sign-ins ask first for the authenticator app that the user has proven.
    PreferApp,
    /// The user, who was made only in part, is removed.
    RemoveUser,
}
