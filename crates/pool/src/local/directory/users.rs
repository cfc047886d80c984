use crate::attributes;
use crate::backend::administration::{Invitation, Listing, NewUser};
use crate::change::Change;
use crate::crypto::seal::Sealed;
use crate::crypto::secret::Secret;
use crate::entity::{
    AliasKey, Attributes, Contact, Kind, MessagePurpose, Mfa, PasswordSource, Provenance,
    SignInName, User, UserPoolRecord, UserStatus,
};
use crate::error::{AccountFlaw, Error, Refusal, Result, UsernameFlaw};
use crate::ids::{PoolId, Sub, Username};
use crate::local::Local;
use crate::local::commit::Plan;
use crate::local::cursor::Listed;
use crate::local::directory::groups::joining;
use crate::local::names::names;
use crate::message::{self, Notice};
use crate::ports::{UserCursor, UserFilter};
use crate::request::RequestContext;
use crate::sign_in::{needs_no_password, totp_context};
use crate::{name, password};
use std::time::Duration;

impl Local {
    /// Makes a user with a temporary password.
    ///
    /// # Errors
    ///
    /// [`Refusal::PoolNotFound`], [`Refusal::GroupNotFound`]; [`Refusal::Invalid`]
    /// ([`UsernameFlaw`], `AttributeFlaw`, [`AccountFlaw`]); [`Refusal::PasswordPolicy`],
    /// [`Refusal::UsernameExists`], [`Refusal::AliasExists`], [`Refusal::Busy`];
    /// faults on our side.
    pub async fn create_user(&self, request: &RequestContext, new: NewUser) -> Result<User> {
        self.create_user_in(request, &self.pool(request, &new.pool).await?, new).await
    }

    pub(in crate::local) async fn create_user_in(
        &self,
        request: &RequestContext,
        pool: &UserPoolRecord,
        new: NewUser,
    ) -> Result<User> {
        let user = self.blank_user(pool, new.kind, &new.username, &new.attributes)?;
        self.create(request, pool, user, new).await
    }

    /// The same as administrators know it (`AdminCreateUser`): without a password given, who can
    /// sign in without gets none. There is nothing to tell such a user, who is confirmed at once.
    ///
    /// # Errors
    ///
    /// Those of [`Local::create_user`].
    pub async fn admin_create_user(&self, request: &RequestContext, new: NewUser) -> Result<User> {
        let pool = self.pool(request, &new.pool).await?;
        let mut user = self.blank_user(&pool, new.kind, &new.username, &new.attributes)?;
        // A code goes to an address that is proven, if only by the administrator's word.
        let is_reachable = needs_no_password(&pool, |contact| user.has_proven(contact));
        if new.temporary_password.is_none() && is_reachable {
            user.status = UserStatus::Confirmed;
        }
        self.create(request, &pool, user, new).await
    }

    async fn create(
        &self,
        request: &RequestContext,
        pool: &UserPoolRecord,
        mut user: User,
        new: NewUser,
    ) -> Result<User> {
        attributes::check(pool, &user.attributes)?;
        self.expect_no_sub(pool, &user).await?;
        self.expect_groups(pool, &new.groups).await?;
        let mut invitation = Vec::new();
        if user.status == UserStatus::ForceChangePassword {
            let is_drawn = new.temporary_password.is_none();
            let password = self.temporary_password(pool, new.temporary_password)?;
            let mut told = Vec::new();
            if new.invitation != Invitation::Suppress {
                told = invited(&user, &new.mediums);
                invitation = self.invitations(pool, &user, &password, &told);
            }
            let verifies = new.invitation == Invitation::SendToVerify;
            user.note_password(invitation_source(is_drawn, &told, verifies));
            user.password = Some(self.seal_password(pool, &user, &password).await?);
        }
        let mut changes = Self::creation(pool, &user);
        if new.force_alias {
            let (aliases, rest) =
                changes.into_iter().partition(|change| matches!(change, Change::AddAlias { .. }));
            changes = rest;
            changes.extend(self.take_aliases(pool, aliases).await?);
        }
        changes.extend(joining(&user, &new.groups));
        changes.extend(invitation);
        self.commit_new_user(request, pool, changes).await?;
        Ok(user)
    }

    /// Refuses a username that is somebody's `sub`, however it is written: administrators' operations
    /// take either. A `sub` that is made later is random and will be nobody's name.
    pub(in crate::local) async fn expect_no_sub(
        &self,
        pool: &UserPoolRecord,
        user: &User,
    ) -> Result<()> {
        let written = attributes::as_sub(user.username.as_str());
        let Some(sub) = written.filter(|sub| *sub != user.sub) else { return Ok(()) };
        match self.store().user(&pool.id, &sub).await? {
            Some(_) => Err(Refusal::UsernameExists.into()),
            None => Ok(()),
        }
    }

    /// Commits what makes a user. Where an attribute takes the username's place, its being taken is
    /// the name's.
    pub(in crate::local) async fn commit_new_user(
        &self,
        request: &RequestContext,
        pool: &UserPoolRecord,
        changes: Vec<Change>,
    ) -> Result<()> {
        self.commit(request, changes).await.map_err(|error| match error {
            Error::Refused(Refusal::AliasExists(_)) if !pool.username_attributes.is_empty() => {
                Refusal::UsernameExists.into()
            }
            error => error,
        })
    }

    /// The one given, if the policy lets it be one, or a fresh one.
    fn temporary_password(
        &self,
        pool: &UserPoolRecord,
        given: Option<Secret>,
    ) -> Result<Secret, Refusal> {
        let fresh = || password::temporary(&pool.password_policy, self.rng());
        let password = given.unwrap_or_else(fresh);
        password::check(&pool.password_policy, &password).map_err(Refusal::PasswordPolicy)?;
        Ok(password)
    }

    /// Makes a new temporary password for a user who has not replaced the old one, and sends it
    /// (`AdminCreateUser` with `RESEND`).
    ///
    /// # Errors
    ///
    /// [`Refusal::PoolNotFound`], [`Refusal::UserNotFound`]; [`Refusal::PasswordPolicy`];
    /// [`Refusal::WrongUserState`] if the user has no temporary password; [`Refusal::Invalid`]
    /// ([`AccountFlaw`]) if there is no address; [`Refusal::Busy`]; faults on our side.
    pub async fn resend_invitation(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        username: &str,
        temporary_password: Option<&Secret>,
        mediums: &[Contact],
    ) -> Result<User> {
        let pool = self.pool(request, pool).await?;
        let password = self.temporary_password(&pool, temporary_password.cloned())?;
        let found = self.get_user_in(request, &pool, username).await?;
        let hash = self.seal_password(&pool, &found, &password).await?;
        self.decide(request, || async {
            let mut user = self.get_user_in(request, &pool, username).await?;
            if user.sub != found.sub || user.status != UserStatus::ForceChangePassword {
                return Err(Refusal::WrongUserState.into());
            }
            user.password = Some(hash.clone());
            user.password_set_at = self.now();
            user.modified_at = self.now();
            let told = invited(&user, mediums);
            if told.is_empty() {
                return Err(Refusal::invalid(AccountFlaw::NoAddressToInvite).into());
            }
            let mut changes = self.invitations(&pool, &user, &password, &told);
            // It takes the first one's place.
            let verifies = user.is_verified_by_invitation();
            user.note_password(invitation_source(temporary_password.is_none(), &told, verifies));
            changes.push(Change::UpdateUser(Box::new(user.clone())));
            let plan = Plan::accept(user, changes);
            Ok(plan)
        })
        .await
    }

    /// A user by any name (`AdminGetUser`).
    ///
    /// # Errors
    ///
    /// [`Refusal::PoolNotFound`], [`Refusal::UserNotFound`]; faults on our side.
    pub async fn get_user(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        username: &str,
    ) -> Result<User> {
        self.get_user_in(request, &self.pool(request, pool).await?, username).await
    }

    /// The same in a pool that was loaded already.
    ///
    /// # Errors
    ///
    /// [`Refusal::UserNotFound`]; faults on our side.
    pub async fn get_user_in(
        &self,
        request: &RequestContext,
        pool: &UserPoolRecord,
        username: &str,
    ) -> Result<User> {
        let user = self.store().find_user(&pool.id, &names(pool, username)).await?;
        let user = user.ok_or(Refusal::UserNotFound)?;
        request.note_user(&user.sub);
        Ok(user)
    }

    /// Sets a password (`AdminSetUserPassword`): for good, or as a temporary one.
    ///
    /// It ends the user's sign-ins and forgets the user's devices: whoever has a reason to set a
    /// password has a reason to shut out who came in with the old one.
    ///
    /// # Errors
    ///
    /// [`Refusal::PoolNotFound`], [`Refusal::UserNotFound`]; [`Refusal::Invalid`]
    /// ([`AccountFlaw::TemporaryForProgram`]); [`Refusal::PasswordPolicy`], [`Refusal::Busy`]; faults
    /// on our side.
    pub async fn set_password(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        username: &str,
        password: &Secret,
        permanent: bool,
    ) -> Result<()> {
        let record = self.pool(request, pool).await?;
        password::check(&record.password_policy, password).map_err(Refusal::PasswordPolicy)?;
        let found = self.get_user_in(request, &record, username).await?;
        // Whoever replaced it would choose the program's secret, and could choose a weak one.
        if found.kind == Kind::Service && !permanent {
            return Err(Refusal::invalid(AccountFlaw::TemporaryForProgram).into());
        }
        let hash = self.seal_password(&record, &found, password).await?;
        let status =
            if permanent { UserStatus::Confirmed } else { UserStatus::ForceChangePassword };
        self.decide(request, || async {
            let user = self.store().user(&found.pool, &found.sub).await?;
            let mut user = user.ok_or(Refusal::UserNotFound)?;
            user.password = Some(hash.clone());
            user.password_set_at = self.now();
            user.modified_at = self.now();
            user.status = status;
            user.note_password(PasswordSource::Other);
            let mut changes = user.sign_out(self.now());
            // A device that was remembered by who came in with the old password is not to be
            // anybody's second factor.
            let (pool, sub) = (user.pool, user.sub);
            changes.push(Change::DeleteDevicesOf { pool, sub });
            Ok(Plan::accept((), changes))
        })
        .await
    }

    /// Changes a user as of now, by a rule of the operator's: demo data, configuration. The user
    /// is not told.
    ///
    /// # Errors
    ///
    /// [`Refusal::UserNotFound`]; faults on our side.
    pub async fn edit_user(
        &self,
        request: &RequestContext,
        user: &User,
        edit: impl Fn(&mut User),
    ) -> Result<()> {
        self.decide_quietly(request, || async {
            let fresh = self.store().user(&user.pool, &user.sub).await?;
            let mut fresh = fresh.ok_or(Refusal::UserNotFound)?;
            edit(&mut fresh);
            fresh.modified_at = self.now();
            Ok(Plan::accept((), vec![Change::UpdateUser(Box::new(fresh))]))
        })
        .await
    }

    /// Seals a user's TOTP key for storage.
    pub fn seal_totp_key(&self, user: &User, key: &Secret) -> Sealed {
        self.sealer().seal_secret(totp_context(&user.pool, &user.sub), key, self.rng())
    }

    /// A page of users (`ListUsers`). A cursor continues only the listing it came from.
    ///
    /// # Errors
    ///
    /// [`Refusal::PoolNotFound`]; [`Refusal::Invalid`] (`Invalid::PaginationToken`);
    /// faults on our side.
    pub async fn list_users(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        filter: Option<&UserFilter>,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<Listing<User>> {
        self.list_users_in(&self.pool(request, pool).await?, filter, cursor, limit).await
    }

    /// The same in a pool that was loaded already.
    ///
    /// # Errors
    ///
    /// [`Refusal::Invalid`] (`Invalid::PaginationToken`); faults on our side.
    pub async fn list_users_in(
        &self,
        pool: &UserPoolRecord,
        filter: Option<&UserFilter>,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<Listing<User>> {
        let what = filter.map(|f| format!("{} {} {}", f.field.name(), f.prefix, f.value));
        let listed = Listed { pool: &pool.id, what: &what.unwrap_or_default() };
        let after: Option<UserCursor> = self.open_cursor(listed, cursor)?;
        let page = self.store().users(&pool.id, filter, after.as_ref(), limit).await?;
        let next = page.next.map(|after| self.seal_cursor(listed, after));
        Ok(Listing { entries: page.users, next })
    }

    /// A user with nothing but a name and attributes.
    pub(in crate::local) fn blank_user(
        &self,
        pool: &UserPoolRecord,
        kind: Kind,
        name: &str,
        attributes: &Attributes,
    ) -> Result<User, Refusal> {
        let now = self.now();
        let sub = Sub::random(self.rng());
        let kept =
            attributes.iter().map(|(name, value)| (name, attributes::kept(pool, name, value)));
        let mut attributes: Attributes = kept.collect();
        let (username, contact) = canonical_name(pool, (kind, name), &sub, &mut attributes)?;
        let names = contact.into_iter().map(|contact| (contact, name.to_owned()));
        let provenance = Provenance { names: Some(names.collect()), ..Provenance::default() };
        Ok(User {
            pool: pool.id.clone(),
            sub,
            username: Username::new(username),
            status: UserStatus::ForceChangePassword,
            enabled: true,
            kind,
            password: None,
            password_set_at: now,
            attributes,
            mfa: Mfa::default(),
            provenance,
            signed_out_at: None,
            created_at: now,
            modified_at: now,
            version: 1,
        })
    }

    /// What makes a user, with the names that lead to it.
    pub(in crate::local) fn creation(pool: &UserPoolRecord, user: &User) -> Vec<Change> {
        let username_key = pool.username_key(user.username.as_str());
        let alias =
            |key: AliasKey| Change::AddAlias { pool: pool.id.clone(), sub: user.sub.clone(), key };
        let create = Change::CreateUser { user: Box::new(user.clone()), username_key };
        let own = pool.aliases(user);
        let reserved = pool.reserved_alias(&user.username);
        [create].into_iter().chain(reserved.into_iter().chain(own).map(alias)).collect()
    }

    /// The messages with a temporary password, one to each of these addresses.
    fn invitations(
        &self,
        pool: &UserPoolRecord,
        user: &User,
        password: &Secret,
        to: &[(Contact, String)],
    ) -> Vec<Change> {
        let days = u64::from(pool.password_policy.temporary_password_validity_days);
        let expires_at = self.now().after(Duration::from_hours(24 * days));
        let username = user.attributes.get("email").unwrap_or(user.username.as_str());
        let message = |(contact, to): &(Contact, String)| {
            let (contact, to) = (*contact, to.as_str());
            let purpose = MessagePurpose::Invitation;
            let content = Notice { purpose, contact, to, username, code: password }
                .compose(&pool.rules.templates);
            let parts = (self.sealer(), self.rng(), self.now());
            message::enqueue(parts, user, contact.channel(), purpose, expires_at, &content)
        };
        to.iter().map(message).collect()
    }
}

/// Where an invitation goes: to each kind of address asked for; to the first that the user has if
/// none is. To nowhere if there is no such address: the user is created all the same, as at Amazon.
fn invited(user: &User, wanted: &[Contact]) -> Vec<(Contact, String)> {
    let address =
        |contact: Contact| Some((contact, user.attributes.get(contact.attribute())?.to_owned()));
    let mut to: Vec<_> = match wanted {
        [] => Contact::ALL.into_iter().find_map(address).into_iter().collect(),
        wanted => wanted.iter().filter_map(|contact| address(*contact)).collect(),
    };
    to.dedup();
    to
}

/// Who signs in with a temporary password that was drawn here owns the one address that it was sent
/// to. One that an administrator chose proves nothing.
fn invitation_source(is_drawn: bool, told: &[(Contact, String)], verifies: bool) -> PasswordSource {
    match told {
        [(contact, address)] if is_drawn => {
            PasswordSource::Invitation { contact: *contact, address: address.clone(), verifies }
        }
        _ => PasswordSource::Other,
    }
}

/// The canonical username of a new user. Where an attribute takes the username's place, the name
/// becomes that attribute and the username is the `sub`; a program may have a plain name all the
/// same. With the kind of address that it is.
fn canonical_name(
    pool: &UserPoolRecord,
    (kind, name): (Kind, &str),
    sub: &Sub,
    attributes: &mut Attributes,
) -> Result<(String, Option<Contact>), Refusal> {
    if name::is_too_long(name) {
        return invalid(UsernameFlaw::TooLong);
    }
    if !name::is_visible(name) {
        return invalid(UsernameFlaw::Invisible);
    }
    let kinds = &pool.username_attributes;
    let address = kinds.iter().copied().find(|address| attributes::has_form(*address, name));
    let Some(address) = address else {
        return match kinds.as_slice() {
            _ if kind == Kind::Service => Ok((plain_name(pool, name)?, None)),
            [] => Ok((plain_name(pool, name)?, None)),
            [SignInName::Email] => invalid(UsernameFlaw::NotEmail),
            [SignInName::PhoneNumber] => invalid(UsernameFlaw::NotPhoneNumber),
            _ => invalid(UsernameFlaw::NotAddress),
        };
    };
    if attributes.get(address.attribute()).is_some_and(|given| given != name) {
        return invalid(UsernameFlaw::OtherThan(address));
    }
    attributes.set(address.attribute(), name);
    Ok((sub.to_string(), address.contact()))
}

/// A name that is the username, unless it could lead to somebody else, too.
fn plain_name(pool: &UserPoolRecord, name: &str) -> Result<String, Refusal> {
    let name = name::plain(name);
    // Some letters become several: what is kept could not be sent again.
    if name::is_too_long(&name) {
        return invalid(UsernameFlaw::TooLong);
    }
    for contact in Contact::ALL {
        let kind = contact.sign_in_name();
        if pool.alias_attributes.contains(&kind) && attributes::has_form(kind, &name) {
            return invalid(UsernameFlaw::LooksLike(contact));
        }
    }
    Ok(name)
}

fn invalid<T>(flaw: UsernameFlaw) -> Result<T, Refusal> {
    Err(Refusal::invalid(flaw))
}
