use crate::attributes;
use crate::change::Change;
use crate::entity::{Attributes, Contact, SignInName, User, UserPoolRecord};
use crate::error::{AttributeFlaw, Refusal, Result, SchemaRule};
use crate::ids::PoolId;
use crate::local::Local;
use crate::local::commit::Plan;
use crate::local::directory::administrators::By;
use crate::request::RequestContext;
use crate::time::Timestamp;

impl Local {
    /// Shuts a user out (`AdminDisableUser`): no sign-in works any more, nor any token.
    ///
    /// # Errors
    ///
    /// [`Refusal::PoolNotFound`], [`Refusal::UserNotFound`]; faults on our side.
    pub async fn disable_user(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        username: &str,
    ) -> Result<()> {
        self.administer(request, pool, username, By::Operator, self.disabling()).await
    }

    pub(in crate::local) fn disabling(
        &self,
    ) -> impl Fn(&UserPoolRecord, User) -> Result<Vec<Change>, Refusal> {
        |_, mut user| {
            user.enabled = false;
            user.modified_at = self.now();
            // Or else the tokens would work again once the user is enabled.
            Ok(user.sign_out(self.now()))
        }
    }

    /// Lets a user in again (`AdminEnableUser`).
    ///
    /// # Errors
    ///
    /// [`Refusal::PoolNotFound`], [`Refusal::UserNotFound`]; faults on our side.
    pub async fn enable_user(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        username: &str,
    ) -> Result<()> {
        self.administer(request, pool, username, By::Operator, |_, mut user| {
            user.enabled = true;
            user.modified_at = self.now();
            Ok(vec![Change::UpdateUser(Box::new(user))])
        })
        .await
    }

    /// Ends all sign-ins of a user (`AdminUserGlobalSignOut`).
    ///
    /// # Errors
    ///
    /// [`Refusal::PoolNotFound`], [`Refusal::UserNotFound`]; faults on our side.
    pub async fn sign_out_user(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        username: &str,
    ) -> Result<()> {
        self.administer(request, pool, username, By::Operator, |_, mut user| {
            Ok(user.sign_out(self.now()))
        })
        .await
    }

    /// Removes a user (`AdminDeleteUser`).
    ///
    /// # Errors
    ///
    /// [`Refusal::PoolNotFound`], [`Refusal::UserNotFound`]; faults on our side.
    pub async fn delete_user(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        username: &str,
    ) -> Result<()> {
        self.administer(request, pool, username, By::Operator, deleting).await
    }

    /// Sets attributes of a user (`AdminUpdateUserAttributes`); an empty value removes one
    /// (`AdminDeleteUserAttributes`). Sign-in names follow, and without an address there are no
    /// codes to it any more.
    ///
    /// # Errors
    ///
    /// [`Refusal::PoolNotFound`], [`Refusal::UserNotFound`]; [`Refusal::Invalid`]
    /// ([`AttributeFlaw`]); [`Refusal::AliasExists`]; faults on our side.
    pub async fn update_attributes(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        username: &str,
        given: &[(String, String)],
    ) -> Result<()> {
        self.administer(request, pool, username, By::Operator, self.updating(given)).await
    }

    pub(in crate::local) fn updating(
        &self,
        given: &[(String, String)],
    ) -> impl Fn(&UserPoolRecord, User) -> Result<Vec<Change>, Refusal> {
        |pool, mut user| {
            let given = &attributes::all_kept(pool, given);
            check_update(pool, given)?;
            let before = user.clone();
            vouch(&mut user, given, self.now());
            set(&mut user.attributes, given);
            name_anew(pool, &mut user, given);
            check_flags(&user.attributes, given)?;
            user.mfa.keep_reachable(&user.attributes);
            user.modified_at = self.now();
            let mut changes = pool.moved_aliases(&before, &user);
            changes.push(Change::UpdateUser(Box::new(user)));
            Ok(changes)
        }
    }

    /// Finds a user by any name and commits what `decide` makes of it, unless whoever asks for it may
    /// not or may no more.
    pub(in crate::local) async fn administer(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        username: &str,
        by: By<'_>,
        decide: impl Fn(&UserPoolRecord, User) -> Result<Vec<Change>, Refusal>,
    ) -> Result<()> {
        self.administer_in(request, &self.pool(request, pool).await?, username, by, decide).await
    }

    /// The same in a pool that was loaded already.
    pub(in crate::local) async fn administer_in(
        &self,
        request: &RequestContext,
        pool: &UserPoolRecord,
        username: &str,
        by: By<'_>,
        decide: impl Fn(&UserPoolRecord, User) -> Result<Vec<Change>, Refusal>,
    ) -> Result<()> {
        self.decide(request, || async {
            let user = self.get_user_in(request, pool, username).await?;
            let mut changes = decide(pool, user.clone())?;
            self.bind(request, by, &user, &mut changes).await?;
            Ok(Plan::accept((), changes).on(user))
        })
        .await
    }
}

/// What removes a user.
#[expect(clippy::unnecessary_wraps, reason = "a decision like the others, which may refuse")]
pub(in crate::local) fn deleting(_: &UserPoolRecord, user: User) -> Result<Vec<Change>, Refusal> {
    let User { pool, sub, version, .. } = user;
    Ok(vec![Change::DeleteUser { pool, sub, version }])
}

/// What the schema has against an update: attributes that are fixed once a user exists, required
/// ones that would go, values out of form.
pub(in crate::local) fn check_update(
    pool: &UserPoolRecord,
    given: &[(String, String)],
) -> Result<(), Refusal> {
    let is_fixed = |name: &str| pool.attribute(name).is_some_and(|attribute| !attribute.mutable);
    if let Some((name, _)) = given.iter().find(|(name, _)| is_fixed(name)) {
        return Err(Refusal::invalid(AttributeFlaw::Immutable(name.clone())));
    }
    let emptied = given.iter().filter(|(_, value)| value.is_empty());
    let breaches: Vec<_> = emptied
        .filter_map(|(name, _)| match pool.attribute(name) {
            None => Some(SchemaRule::Known.broken_by(name)),
            Some(attribute) if attribute.required => Some(SchemaRule::Required.broken_by(name)),
            Some(_) => None,
        })
        .collect();
    if !breaches.is_empty() {
        return Err(Refusal::invalid(AttributeFlaw::Schema(breaches)));
    }
    attributes::check(pool, &given.iter().cloned().collect())
}

/// That an address or number is verified is known of that one only: a new one has yet to be,
/// unless the flag comes along, and without one there is nothing to be verified.
pub(in crate::local) fn set(attributes: &mut Attributes, given: &[(String, String)]) {
    for kind in [SignInName::Email, SignInName::PhoneNumber] {
        let name = kind.attribute();
        let value = given.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str());
        if let Some(value) = value.filter(|value| attributes.get(name) != Some(value)) {
            let flag = if value.is_empty() { "" } else { "false" };
            attributes.set(format!("{name}_verified"), flag);
        }
    }
    for (name, value) in given {
        attributes.set(name, value);
    }
}

/// Takes an administrator's word that an address is proven.
fn vouch(user: &mut User, given: &[(String, String)], at: Timestamp) {
    let value = |name: &str| {
        let given = given.iter().find(|(given, _)| given == name);
        given.map(|(_, value)| value.clone())
    };
    for contact in Contact::ALL {
        if value(contact.verified_attribute()).as_deref() != Some("true") {
            continue;
        }
        let own = user.attributes.get(contact.attribute()).map(str::to_owned);
        let address = value(contact.attribute()).or(own).filter(|address| !address.is_empty());
        if let Some(address) = address {
            user.prove(contact, &address, at);
        }
    }
}

/// Where an address stands in the username's place, an administrator's word is enough for a new
/// one.
fn name_anew(pool: &UserPoolRecord, user: &mut User, given: &[(String, String)]) {
    let Some(names) = &mut user.provenance.names else { return };
    for (name, value) in given {
        let Some(contact) = Contact::named(name) else { continue };
        if pool.username_attributes.contains(&contact.sign_in_name()) {
            names.insert(contact, value.clone());
        }
    }
}

fn check_flags(attributes: &Attributes, given: &[(String, String)]) -> Result<(), Refusal> {
    for contact in Contact::ALL {
        let flag = contact.verified_attribute();
        let is_given = given.iter().any(|(given, value)| given == flag && !value.is_empty());
        if is_given && attributes.get(contact.attribute()).is_none() {
            return Err(Refusal::invalid(AttributeFlaw::NothingToVerify(contact)));
        }
    }
    Ok(())
}
