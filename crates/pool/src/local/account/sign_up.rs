use crate::attributes;
use crate::backend::self_service::{Delivery, Registration, SignedUp};
use crate::change::Change;
use crate::crypto::secret::Secret;
use crate::entity::{
    AliasKey, AliasKind, AppClient, Attributes, CodePurpose, Contact, Kind, PasswordSource,
    SignInName, User, UserPoolRecord, UserStatus, VerificationCode,
};
use crate::error::{AccountFlaw, AttributeFlaw, Refusal, Result, SchemaRule};
use crate::ids::{PoolId, Sub};
use crate::limits::quota::Quota;
use crate::local::Local;
use crate::local::account::codes::{GivenCode, NewCode, sign_up_ways};
use crate::local::account::named::{Named, NamedUser};
use crate::local::commit::Plan;
use crate::local::directory::administrators::By;
use crate::local::directory::groups::joining;
use crate::local::directory::unconfirmed::time_to_confirm;
use crate::local::names::names;
use crate::local::sign_in::sign_up_session::sign_up_by_code;
use crate::password;
use crate::ports::UserNames;
use crate::request::RequestContext;
use crate::sign_in::needs_no_password;
use crate::time::Timestamp;
use std::collections::BTreeMap;

impl Local {
    /// Makes an unconfirmed user (`SignUp`) and sends a code to the address that the pool verifies.
    /// User, memberships and code are one commit.
    ///
    /// # Errors
    ///
    /// [`Refusal::PoolNotFound`], [`Refusal::ClientNotFound`]; [`Refusal::SecretHashMissing`],
    /// [`Refusal::SecretHashWrong`], [`Refusal::ClientSecretWrong`];
    /// [`Refusal::SignUpNotPermitted`]; [`Refusal::Invalid`] (`UsernameFlaw`, [`AttributeFlaw`],
    /// [`AccountFlaw`]); [`Refusal::AttributeNotWritable`], [`Refusal::PasswordPolicy`];
    /// [`Refusal::UsernameExists`], [`Refusal::AliasExists`], [`Refusal::GroupNotFound`],
    /// [`Refusal::Busy`]; faults on our side.
    pub async fn sign_up(&self, request: &RequestContext, new: Registration) -> Result<SignedUp> {
        let (pool, client) = self.client_in(request, &new.via).await?;
        self.check_proof(&client, &new.via.proof, &[new.username.as_str()])?;
        if pool.rules.admin_create_only && !new.by_administrator {
            return Err(Refusal::SignUpNotPermitted.into());
        }
        let mut user = self.blank_user(&pool, Kind::Person, &new.username, &new.attributes)?;
        user.status = UserStatus::Unconfirmed;
        note_unproven(&mut user);
        check_given(&pool, &client, &new.attributes, &user.attributes)?;
        match &new.password {
            Some(password) => {
                password::check(&pool.password_policy, password)
                    .map_err(Refusal::PasswordPolicy)?;
            }
            None if needs_no_password(&pool, |contact| has_address(&user, contact)) => {}
            None => return Err(no_password().into()),
        }
        // Nobody's password is hashed for a name that is taken; the commit has the last word.
        if self.store().find_user(&pool.id, &names(&pool, &new.username)).await?.is_some() {
            return Err(taken(&pool, &new.username).into());
        }
        self.expect_no_sub(&pool, &user).await?;
        if let Some(password) = &new.password {
            user.password = Some(self.seal_password(&pool, &user, password).await?);
        }
        if new.by_administrator {
            user.note_password(PasswordSource::Administrator);
        }
        let mut changes = Self::creation(&pool, &user);
        changes.extend(joining(&user, &new.groups));
        if !new.by_administrator {
            changes.extend(time_to_confirm(&pool, &user));
        }
        let delivery = sign_up_code(&pool, &user, new.by_administrator).map(|code| {
            let (code, delivery) = self.new_code(&pool, &user, code);
            changes.extend(code);
            delivery
        });
        self.commit(request, changes).await?;
        let session = self.sign_up_session(&pool, &client, &user);
        Ok(SignedUp { sub: user.sub, delivery, session })
    }

    /// Sends a sign-up's code again (`ResendConfirmationCode`).
    ///
    /// # Errors
    ///
    /// [`Refusal::PoolNotFound`], [`Refusal::ClientNotFound`]; [`Refusal::SecretHashMissing`],
    /// [`Refusal::SecretHashWrong`], [`Refusal::ClientSecretWrong`]; [`Refusal::LimitExceeded`]
    /// after five codes an hour; through clients that do not hide users also
    /// [`Refusal::UserNotFound`], [`Refusal::UserDisabled`] and [`Refusal::Invalid`]
    /// ([`AccountFlaw`]) if there is nothing to confirm, or no address; faults on our side.
    pub async fn resend_sign_up_code(
        &self,
        request: &RequestContext,
        named: &Named,
    ) -> Result<Delivery> {
        let (pool, client) = self.client_in(request, &named.via).await?;
        self.decide(request, || async {
            let found = self.find_named(request, &pool, &client, named).await?;
            let user = &found.user;
            let unconfirmed =
                user.as_ref().filter(|user| user.status == UserStatus::Unconfirmed && user.enabled);
            let code = match unconfirmed.map(|user| sign_up_code(&pool, user, false)) {
                Some(Some(code)) => Some(code),
                _ if client.hides_users => None,
                Some(None) => return Err(no_address().into()),
                None => return Err(told_not_unconfirmed(user.as_ref()).into()),
            };
            let place = (&pool, &client);
            let kind = (CodePurpose::ConfirmSignUp, Quota::ResendCode);
            self.counted_code(place, (&named.username, &found), code, kind).await
        })
        .await
    }

    /// Confirms a sign-up by its code (`ConfirmSignUp`). The address that the code went to is
    /// verified by that, and may become a name to sign in by; `force_alias` takes it from a user
    /// who has it already. Gives a session to sign in with to who holds that of the sign-up, or
    /// could sign in by such a code anyway.
    ///
    /// # Errors
    ///
    /// [`Refusal::PoolNotFound`], [`Refusal::ClientNotFound`]; [`Refusal::SecretHashMissing`],
    /// [`Refusal::SecretHashWrong`], [`Refusal::ClientSecretWrong`]; [`Refusal::UserNotFound`]
    /// through clients that do not hide users; [`Refusal::ChallengeSessionInvalid`] for the session
    /// of another sign-up; [`Refusal::CannotConfirm`] if it is confirmed already;
    /// [`Refusal::VerificationCodeWrong`], [`Refusal::VerificationCodeExpired`];
    /// [`Refusal::LimitExceeded`] after fifteen attempts an hour; [`Refusal::AliasExists`];
    /// faults on our side.
    pub async fn confirm_sign_up(
        &self,
        request: &RequestContext,
        named: &Named,
        code: &Secret,
        force_alias: bool,
        session: Option<&Secret>,
    ) -> Result<Option<Secret>> {
        let (pool, client) = self.client_in(request, &named.via).await?;
        self.decide(request, || async {
            let NamedUser { user, subject, .. } =
                self.find_named(request, &pool, &client, named).await?;
            let held = self.held_sign_up(&client, session, user.as_ref())?;
            if let Some(user) = &user
                && user.status != UserStatus::Unconfirmed
                && !client.hides_users
            {
                return Err(Refusal::CannotConfirm(user.status).into());
            }
            let names = (named.username.as_str(), subject.as_str());
            let counted = self.count((&pool, &client), names, Quota::ConfirmSignUp).await?;
            let given = GivenCode { purpose: CodePurpose::ConfirmSignUp, code, basis: "" };
            let place = (&pool, client.hides_users);
            // Looked for whether or not it matters: that would tell who is confirmed.
            let again = GivenCode { purpose: CodePurpose::SignedUp, ..given };
            let known = counted.judge(self.matching_code(place, &subject, again).await?);
            let found = counted.judge(self.matching_code(place, &subject, given).await?);
            let plan = match (user, found) {
                (Some(user), Ok(found)) => {
                    let known = self.signed_up(&pool, &user, &found, code);
                    let context = self.context(&pool, &client);
                    let options = Options { force_alias, is_held: held.is_some() };
                    let fresh = held.or_else(|| sign_up_by_code(context, &user, found.contact));
                    // Users who must replace the password have to sign in with it.
                    let fresh = fresh.filter(|_| !has_known_password(&user));
                    let outcome = fresh.map(|fresh| fresh.confirm(context).seal(context));
                    let mut plan = self
                        .plan_confirmation(&pool, user, found, (counted.changes, options), outcome)
                        .await?;
                    if plan.result.is_ok() {
                        plan.changes.push(known);
                    }
                    plan
                }
                (Some(user), Err(refusal)) if user.status != UserStatus::Unconfirmed => {
                    let told = match known {
                        Ok(_) => Refusal::CannotConfirm(user.status),
                        Err(_) => refusal,
                    };
                    Plan::refuse_with(told, counted.changes)
                }
                (None, Ok(_)) => Plan::refuse_with(Refusal::VerificationCodeWrong, counted.changes),
                (_, Err(refusal)) => Plan::refuse_with(refusal, counted.changes),
            };
            Ok(plan)
        })
        .await
    }

    /// Remembers the code that a sign-up was confirmed by: who has it may know that it was.
    fn signed_up(
        &self,
        pool: &UserPoolRecord,
        user: &User,
        found: &VerificationCode,
        code: &Secret,
    ) -> Change {
        let (purpose, contact) = (CodePurpose::SignedUp, found.contact);
        let new = NewCode { purpose, contact, address: &found.address, basis: "" };
        self.stored_code(pool, user.sub.as_str(), new, code)
    }

    async fn plan_confirmation(
        &self,
        pool: &UserPoolRecord,
        mut user: User,
        code: VerificationCode,
        (attempt, options): (Vec<Change>, Options),
        outcome: Option<Secret>,
    ) -> Result<Plan<Option<Secret>>> {
        let contact = code.contact;
        let is_own = user.attributes.get(contact.attribute()) == Some(code.address.as_str());
        if user.status != UserStatus::Unconfirmed || !is_own {
            return Ok(Plan::refuse_with(Refusal::VerificationCodeExpired, attempt));
        }
        let before = user.clone();
        user.prove(contact, &code.address, self.now());
        // Who has both the sign-up and its code is one and the same, and so is who signed up
        // without a password. A code alone does not say who chose the password.
        if options.is_held || user.password.is_none() {
            user.note_owner(contact);
        }
        confirm(&mut user, self.now());
        let mut changes = attempt;
        changes.push(Change::SpendCode(code));
        let aliases = pool.moved_aliases(&before, &user);
        changes.push(Change::UpdateUser(Box::new(user)));
        if options.force_alias {
            changes.extend(self.take_aliases(pool, aliases).await?);
        } else {
            changes.extend(aliases);
        }
        Ok(Plan::accept(outcome, changes))
    }

    /// The same aliases, the verified addresses among them taken from whoever has them: there they
    /// are not verified any more. What stands in a username's place is never taken, nor a name that
    /// somebody chose.
    pub(in crate::local) async fn take_aliases(
        &self,
        pool: &UserPoolRecord,
        aliases: Vec<Change>,
    ) -> Result<Vec<Change>> {
        let mut owners: BTreeMap<Sub, User> = BTreeMap::new();
        let mut changes = Vec::new();
        for alias in aliases {
            let Change::AddAlias { pool: id, sub, key } = alias else {
                changes.push(alias);
                continue;
            };
            let contact = match key.kind() {
                AliasKind::SignIn(kind) if pool.alias_attributes.contains(&kind) => kind.contact(),
                AliasKind::SignIn(_) | AliasKind::Link => None,
            };
            let owner = match contact {
                Some(_) => self.owner_of(pool, &key).await?.filter(|owner| owner.sub != sub),
                None => None,
            };
            let (Some(contact), Some(owner)) = (contact, owner) else {
                changes.push(Change::AddAlias { pool: id, sub, key });
                continue;
            };
            // Two aliases of one user are one change of that user.
            let owner = owners.entry(owner.sub.clone()).or_insert(owner);
            owner.attributes.set(contact.verified_attribute(), "false");
            owner.modified_at = self.now();
            changes.push(Change::TakeAlias { pool: id, sub, key });
        }
        let updates = owners.into_values().map(|owner| Change::UpdateUser(Box::new(owner)));
        Ok(updates.chain(changes).collect())
    }

    pub(in crate::local) async fn owner_of(
        &self,
        pool: &UserPoolRecord,
        alias: &AliasKey,
    ) -> Result<Option<User>> {
        let alias_keys = vec![alias.clone()];
        let names = UserNames { username_key: String::new(), sub: Sub::from(""), alias_keys };
        Ok(self.store().find_user(&pool.id, &names).await?)
    }

    /// Confirms a sign-up without a code (`AdminConfirmSignUp`). It verifies no address, so that no
    /// code is sent there that would let its owner into somebody else's account.
    ///
    /// # Errors
    ///
    /// [`Refusal::PoolNotFound`], [`Refusal::UserNotFound`]; [`Refusal::CannotConfirm`] if it is
    /// confirmed already; faults on our side.
    pub async fn admin_confirm_sign_up(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        username: &str,
    ) -> Result<()> {
        self.administer(request, pool, username, By::Operator, |_, mut user| {
            if user.status != UserStatus::Unconfirmed {
                return Err(Refusal::CannotConfirm(user.status));
            }
            confirm(&mut user, self.now());
            Ok(vec![Change::UpdateUser(Box::new(user))])
        })
        .await
    }
}

/// A code to the address that the pool verifies. Whom an administrator registers in a pool that
/// verifies none proves the e-mail address.
fn sign_up_code<'a>(
    pool: &UserPoolRecord,
    user: &'a User,
    by_administrator: bool,
) -> Option<NewCode<'a>> {
    let mut ways = sign_up_ways(pool, |contact| user.goes_by(contact));
    if by_administrator && ways.is_empty() {
        ways.push(Contact::Email);
    }
    let mut ways = ways.into_iter();
    let (contact, address) =
        ways.find_map(|contact| Some((contact, user.attributes.get(contact.attribute())?)))?;
    Some(NewCode { purpose: CodePurpose::ConfirmSignUp, contact, address, basis: "" })
}

/// How a sign-up is confirmed by its code.
#[derive(Clone, Copy, Debug)]
struct Options {
    /// Whether an alias is taken from a user who has it.
    force_alias: bool,
    /// Whether the session of the sign-up came along.
    is_held: bool,
}

/// Lets a user in. An administrator's password is good for one sign-in, which replaces it: its life
/// as a temporary one begins here.
fn confirm(user: &mut User, now: Timestamp) {
    user.status = if has_known_password(user) {
        user.password_set_at = now;
        UserStatus::ForceChangePassword
    } else {
        UserStatus::Confirmed
    };
    user.modified_at = now;
}

/// Whether an administrator knows the password, which its owner therefore has to replace.
fn has_known_password(user: &User) -> bool {
    user.provenance.password == PasswordSource::Administrator && user.password.is_some()
}

fn has_address(user: &User, contact: Contact) -> bool {
    user.attributes.get(contact.attribute()).is_some()
}

/// Addresses of a sign-up are not verified, and say so from the start, as at Amazon.
fn note_unproven(user: &mut User) {
    for contact in Contact::ALL {
        if has_address(user, contact) {
            user.attributes.set(contact.verified_attribute(), "false");
        }
    }
}

/// What is asked of attributes that people give themselves.
fn check_given(
    pool: &UserPoolRecord,
    client: &AppClient,
    given: &Attributes,
    all: &Attributes,
) -> Result<(), Refusal> {
    let may_write = |name: &str| client.may_write(name, pool.rules.default_write);
    if given.iter().any(|(name, _)| pool.attribute(name).is_some() && !may_write(name)) {
        return Err(Refusal::AttributeNotWritable);
    }
    let required = pool.schema.iter().filter(|attribute| attribute.required);
    let missing = required.filter(|a| a.name != "sub" && all.get(&a.name).is_none());
    let breaches: Vec<_> = missing.map(|a| SchemaRule::Required.broken_by(&a.name)).collect();
    if !breaches.is_empty() {
        return Err(Refusal::invalid(AttributeFlaw::Schema(breaches)));
    }
    let alias = SignInName::PreferredUsername;
    let is_optional = |name| pool.attribute(name).is_some_and(|attribute| !attribute.required);
    if pool.alias_attributes.contains(&alias)
        && given.get(alias.attribute()).is_some()
        && is_optional(alias.attribute())
    {
        return Err(not_yet_preferred());
    }
    attributes::check(pool, all)
}

/// A name to sign in by is not to be had before anything was proven.
fn not_yet_preferred() -> Refusal {
    Refusal::invalid(AttributeFlaw::PreferredUsernameTooEarly)
}

fn no_password() -> Refusal {
    Refusal::invalid(AccountFlaw::PasswordMissing)
}

/// Where an attribute takes the username's place, it is the attribute that is taken.
fn taken(pool: &UserPoolRecord, name: &str) -> Refusal {
    let mut kinds = pool.username_attributes.iter();
    match kinds.find(|kind| attributes::has_form(**kind, name)) {
        Some(kind) => Refusal::AliasExists(kind.attribute()),
        None => Refusal::UsernameExists,
    }
}

fn no_address() -> Refusal {
    Refusal::invalid(AccountFlaw::NoAddressToConfirm)
}

fn told_not_unconfirmed(user: Option<&User>) -> Refusal {
    match user {
        Some(user) if !user.enabled => Refusal::UserDisabled,
        Some(_) => Refusal::invalid(AccountFlaw::AlreadyConfirmed),
        None => Refusal::UserNotFound,
    }
}
