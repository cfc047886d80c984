//! The verbs of administrators, wherever the pool lives. Who may call them is the face's to know.

use crate::backend::user_pool::MfaSummary;
use crate::crypto::secret::Secret;
use crate::entity::{Attributes, Contact, Group, Kind, UserStatus};
use crate::error::{Error, Invalid, Refusal, Result, UsernameFlaw};
use crate::ids::{GroupName, PartnerId, PoolId, Sub, Username, random_uuid};
use crate::request::RequestContext;
use crate::system::Rng;
use crate::time::Timestamp;
use async_trait::async_trait;
use std::collections::BTreeMap;

/// A user pool as its administrators see it. Users are named by username, `sub` or alias.
#[async_trait]
pub trait Administration: Send + Sync {
    /// A page of users (`ListUsers`).
    async fn users(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        page: Page<'_>,
    ) -> Result<Listing<UserDetails>>;

    /// How many users the pool has (`EstimatedNumberOfUsers` of `DescribeUserPool`).
    async fn number_of_users(&self, request: &RequestContext, pool: &PoolId) -> Result<i64>;

    /// A page of a group's users (`ListUsersInGroup`).
    async fn users_in_group(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        group: &GroupName,
        page: Page<'_>,
    ) -> Result<Listing<UserDetails>>;

    /// So many of a group's users after so many others, and how many there are in all
    /// (`ListUsersInGroup`, page by page).
    async fn users_in_group_at(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        group: &GroupName,
        offset: u64,
        limit: u64,
    ) -> Result<Slice<UserDetails>>;

    /// A user (`AdminGetUser`).
    async fn user(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        username: &str,
    ) -> Result<UserDetails>;

    /// Makes a user with a temporary password (`AdminCreateUser`). Where addresses are aliases, and
    /// so cannot be usernames, a user whose username is to be the address gets a random one.
    async fn create_user(&self, request: &RequestContext, new: NewUser) -> Result<UserDetails>;

    /// Sets attributes (`AdminUpdateUserAttributes`); an empty value removes one.
    async fn update_attributes(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        username: &str,
        given: &[(String, String)],
    ) -> Result<()>;

    /// Sets a password (`AdminSetUserPassword`): for good, or one that must be replaced at the next
    /// sign-in. It ends the user's sign-ins.
    async fn set_password(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        username: &str,
        password: &Secret,
        permanent: bool,
    ) -> Result<()>;

    /// Makes a password worthless and sends a code to replace it (`AdminResetUserPassword`).
    async fn reset_password(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        username: &str,
    ) -> Result<()>;

    /// Lets a user in again (`AdminEnableUser`).
    async fn enable_user(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        username: &str,
    ) -> Result<()>;

    /// Shuts a user out and ends the user's sign-ins (`AdminDisableUser`).
    async fn disable_user(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        username: &str,
    ) -> Result<()>;

    /// Removes a user (`AdminDeleteUser`).
    async fn delete_user(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        username: &str,
    ) -> Result<()>;

    /// Ends all sign-ins of a user (`AdminUserGlobalSignOut`).
    async fn sign_out_user(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        username: &str,
    ) -> Result<()>;

    /// A page of the pool's groups by name (`ListGroups`).
    async fn groups(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        page: Page<'_>,
    ) -> Result<Listing<Group>>;

    /// Makes a group (`CreateGroup`).
    async fn create_group(&self, request: &RequestContext, new: NewGroup) -> Result<Group>;

    /// Removes a group; its users stay (`DeleteGroup`).
    async fn delete_group(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        group: &GroupName,
    ) -> Result<()>;

    /// All groups of a user, in the order of tokens (`AdminListGroupsForUser`).
    async fn groups_of(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        username: &str,
    ) -> Result<Vec<Group>>;

    /// The groups of each of these users, in the order of tokens. Users who do not exist any more have
    /// no entry.
    async fn groups_of_each(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        users: &[UserDetails],
    ) -> Result<BTreeMap<Sub, Vec<Group>>>;

    /// Puts a user into a group (`AdminAddUserToGroup`); a second time changes nothing.
    async fn add_to_group(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        username: &str,
        group: &GroupName,
    ) -> Result<()>;

    /// Takes a user out of a group (`AdminRemoveUserFromGroup`); a second time changes nothing.
    async fn remove_from_group(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        username: &str,
        group: &GroupName,
    ) -> Result<()>;

    /// Suspends a user for a partner, whose administrator it is, and ends the user's sign-ins. Who is
    /// suspended already stays so by whom it was done. Refused to who is no administrator any more.
    async fn suspend(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        sub: &Sub,
        by: (&PartnerId, &Sub),
    ) -> Result<()>;

    /// Lets a user in again whom an administrator of this partner suspended; who is not suspended is
    /// left alone.
    ///
    /// # Errors
    ///
    /// [`crate::Refusal::SuspendedByOperator`] if anybody else suspended or disabled the user;
    /// [`crate::Refusal::Barred`] or [`crate::Refusal::PermissionDenied`] if the administrator no
    /// longer manages the partner's users, as far as the pool can tell at that moment.
    async fn lift_suspension(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        sub: &Sub,
        by: (&PartnerId, &Sub),
    ) -> Result<()>;

    /// Puts a user into groups and takes the user out of others (`AdminAddUserToGroup` and
    /// `AdminRemoveUserFromGroup`, as often as it takes). An administrator of a partner's does it only
    /// while being one; `None` is the operator.
    async fn change_groups(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        username: &str,
        added: &[GroupName],
        removed: &[GroupName],
        by: Option<(&PartnerId, &Sub)>,
    ) -> Result<()>;
}

/// Which page of a listing is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Page<'a> {
    /// What the page before gave as [`Listing::next`]; `None` asks for the first page.
    pub cursor: Option<&'a str>,
    /// How many entries it may have.
    pub limit: usize,
}

/// A page of a listing.
#[derive(Clone, Debug)]
pub struct Listing<T> {
    /// What is on this page.
    pub entries: Vec<T>,
    /// What continues the listing; `None` on the last page.
    pub next: Option<String>,
}

/// A part of a listing that is counted.
#[derive(Clone, Debug)]
pub struct Slice<T> {
    /// How many entries the whole listing has.
    pub total: u64,
    /// Those of this part.
    pub entries: Vec<T>,
}

impl<T> Listing<T> {
    /// The same page of something else.
    pub fn map<U>(self, f: impl FnMut(T) -> U) -> Listing<U> {
        Listing { entries: self.entries.into_iter().map(f).collect(), next: self.next }
    }
}

/// A user as administrators see one (`UserType`).
#[derive(Clone, Debug, PartialEq)]
pub struct UserDetails {
    /// The immutable id.
    pub sub: Sub,
    /// The canonical username.
    pub username: Username,
    /// Where the user stands.
    pub status: UserStatus,
    /// Whether the user may sign in at all.
    pub enabled: bool,
    /// Attributes, without `sub`.
    pub attributes: Attributes,
    /// Second factors.
    pub mfa: MfaSummary,
    /// When the user was made.
    pub created_at: Timestamp,
    /// When the user last changed.
    pub modified_at: Timestamp,
}

/// Whether a new user is told the temporary password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Invitation {
    /// By a message.
    Send,
    /// By a message. If the password was generated and went to one address, replacing it verifies that
    /// address. In a pool at Amazon it does not.
    SendToVerify,
    /// Not by us.
    Suppress,
}

/// A user that an administrator makes.
#[derive(Clone, Debug)]
pub struct NewUser {
    /// The pool.
    pub pool: PoolId,
    /// The username; in pools where an attribute takes its place, that attribute's value.
    pub username: String,
    /// Attributes, without `sub`.
    pub attributes: Attributes,
    /// The temporary password; a fresh one if none is given.
    pub temporary_password: Option<Secret>,
    /// Human or program. A program's username need not be an address.
    pub kind: Kind,
    /// Whether the user is told.
    pub invitation: Invitation,
    /// Where the user is told (`DesiredDeliveryMediums`); nothing said means the e-mail address,
    /// or else the phone number.
    pub mediums: Vec<Contact>,
    /// Whether an alias is taken from a user who has it (`ForceAliasCreation`).
    pub force_alias: bool,
    /// Groups that the user is in from the start. All must exist.
    pub groups: Vec<GroupName>,
}

impl NewUser {
    /// The same user under a random name, if it was refused because its name is its address and the
    /// pool has addresses as aliases: there the address leads to the user all the same.
    #[must_use]
    pub fn renamed(&self, refused: &Error, rng: &dyn Rng) -> Option<Self> {
        let Error::Refused(Refusal::Invalid(Invalid::Username(UsernameFlaw::LooksLike(contact)))) =
            refused
        else {
            return None;
        };
        let is_its_address =
            self.attributes.get(contact.attribute()) == Some(self.username.as_str());
        is_its_address.then(|| Self { username: random_uuid(rng), ..self.clone() })
    }
}

/// A program's account that an operator makes.
#[derive(Clone, Debug)]
pub struct NewServiceAccount {
    /// The pool.
    pub pool: PoolId,
    /// The username. Where an attribute takes the username's place, it may be that attribute's
    /// value but need not.
    pub username: String,
    /// Attributes, without `sub`.
    pub attributes: Attributes,
    /// Groups that the account is in from the start. All must exist.
    pub groups: Vec<GroupName>,
}

/// A group to be made.
#[derive(Clone, Debug)]
pub struct NewGroup {
    /// The pool.
    pub pool: PoolId,
    /// Its name.
    pub name: GroupName,
    /// Free text.
    pub description: Option<String>,
    /// An IAM role for `cognito:roles`.
    pub role_arn: Option<String>,
    /// Lower wins.
    pub precedence: Option<i64>,
}
