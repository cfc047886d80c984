use crate::attributes;
use crate::backend::self_service::Delivery;
use crate::change::Change;
use crate::crypto::secret::Secret;
use crate::entity::{CodePurpose, Contact, MfaMode, SignInName, User, UserPoolRecord};
use crate::error::{AttributeFlaw, Refusal, Result};
use crate::ids::Sub;
use crate::limits::quota::Quota;
use crate::local::account::codes::{GivenCode, NewCode, way_back};
use crate::local::commit::Plan;
use crate::local::directory::user_admin::{check_update, set};
use crate::local::{Authorized, Local};
use crate::request::RequestContext;
use crate::sign_in::{enabled_factors, takes_codes};

impl Local {
    /// Sets attributes of one's own (`UpdateUserAttributes`); an empty value removes one, but no
    /// address that second factors go to or that is the way back in. Addresses that the pool
    /// verifies are sent a code: where it went. Some stay as they were until the new
    /// one is proven: those for which the pool says so, and those that second factors go to. Or
    /// else who stole an access token could have the codes sent to himself.
    ///
    /// # Errors
    ///
    /// Those of [`Local::authorize`]; [`Refusal::AccessTokenLacksScope`] for machines;
    /// [`Refusal::AttributeNotWritable`]; [`Refusal::Invalid`] ([`AttributeFlaw`]);
    /// [`Refusal::FreshSignInRequired`] for addresses; [`Refusal::AliasExists`];
    /// [`Refusal::LimitExceeded`] after five codes, or taken names, an hour;
    /// [`Refusal::MfaMandatory`] if the last factor would go; [`Refusal::LastAdministrator`];
    /// [`Refusal::UserNotFound`] if the user is removed meanwhile; faults on our side.
    pub async fn update_own_attributes(
        &self,
        request: &RequestContext,
        access_token: &Secret,
        given: &[(String, String)],
    ) -> Result<Vec<Delivery>> {
        let authorized = self.authorize_person(request, access_token).await?;
        let Authorized { pool, client, user, .. } = &authorized;
        if given.iter().any(|(name, _)| !client.may_write(name, pool.rules.default_write)) {
            return Err(Refusal::AttributeNotWritable.into());
        }
        let given = &attributes::all_kept(pool, given);
        check_update(pool, given)?;
        let authorized = &authorized;
        self.decide_about(request, user, |fresh| async move {
            if let Some(taken) = self.taken_name(pool, &user.sub, given).await? {
                // Or else who has a token could ask about all names.
                let asked = self.use_quota(pool, user.sub.as_str(), Quota::RequestVerification);
                return Ok(Plan::refuse_with(Refusal::AliasExists(taken), vec![asked]));
            }
            self.expect_fresh_for_addresses(authorized, &fresh, given)?;
            let mut plan = self.plan_update(pool, fresh.clone(), given)?;
            self.keep_administered(request, &fresh, &mut plan.changes).await?;
            Ok(plan)
        })
        .await
    }

    /// The first of these attributes that leads to somebody else: an address in the username's place,
    /// or a preferred username. The commit has the last word.
    async fn taken_name(
        &self,
        pool: &UserPoolRecord,
        sub: &Sub,
        given: &[(String, String)],
    ) -> Result<Option<&'static str>> {
        let preferred = SignInName::PreferredUsername;
        let preferred = pool.alias_attributes.contains(&preferred).then_some(preferred);
        for kind in pool.username_attributes.iter().copied().chain(preferred) {
            let value = given.iter().find(|(name, _)| name == kind.attribute());
            let Some((_, value)) = value else { continue };
            let owner = self.owner_of(pool, &pool.alias_key(kind, value)).await?;
            if owner.is_some_and(|owner| owner.sub != *sub) {
                return Ok(Some(kind.attribute()));
            }
        }
        Ok(None)
    }

    fn plan_update(
        &self,
        pool: &UserPoolRecord,
        mut user: User,
        given: &[(String, String)],
    ) -> Result<Plan<Vec<Delivery>>, Refusal> {
        let (held, at_once): (Vec<_>, Vec<_>) =
            given.iter().cloned().partition(|change| is_held(pool, &user, change));
        let needed = given.iter().find(|change| self.is_needed(pool, &user, change));
        let before = user.clone();
        let had_factors = !enabled_factors(pool, &user).is_empty();
        pool.keep_names(&mut user);
        set(&mut user.attributes, &at_once);
        user.mfa.keep_reachable(&user.attributes);
        if pool.mfa == MfaMode::On && had_factors && enabled_factors(pool, &user).is_empty() {
            return Err(Refusal::MfaMandatory);
        }
        if let Some((name, _)) = needed {
            return Err(Refusal::invalid(AttributeFlaw::Needed(name.clone())));
        }
        user.modified_at = self.now();
        let mut changes = pool.moved_aliases(&before, &user);
        let mut deliveries = Vec::new();
        for contact in Contact::ALL {
            let new = |changes: &[(String, String)]| value(changes, contact).map(str::to_owned);
            let is_new =
                |address: &String| before.attributes.get(contact.attribute()) != Some(address);
            let moved = new(&at_once).filter(is_new);
            let moved = moved.filter(|_| pool.rules.auto_verified.contains(&contact));
            if let Some(address) = new(&held).or(moved) {
                let (code, delivery) = self.attribute_code(pool, &user, contact, &address);
                changes.extend(code);
                deliveries.push(delivery);
            }
        }
        changes.push(Change::UpdateUser(Box::new(user)));
        Ok(Plan::accept(deliveries, changes))
    }

    /// Sends a code that proves an address (`GetUserAttributeVerificationCode`): the one the user
    /// has, or the one that waits to take its place.
    ///
    /// # Errors
    ///
    /// Those of [`Local::authorize`]; [`Refusal::AccessTokenLacksScope`] for machines;
    /// [`Refusal::Invalid`] ([`AttributeFlaw`]) if there is no address; [`Refusal::LimitExceeded`]
    /// after five codes an hour; [`Refusal::UserNotFound`] if the user is removed meanwhile;
    /// faults on our side.
    pub async fn send_attribute_code(
        &self,
        request: &RequestContext,
        access_token: &Secret,
        contact: Contact,
    ) -> Result<Delivery> {
        let Authorized { pool, user, .. } = &self.authorize_person(request, access_token).await?;
        let purpose = CodePurpose::verify(contact);
        self.decide_about(request, user, |fresh| async move {
            let waiting = self.store().code(&pool.id, user.sub.as_str(), purpose).await?;
            let life = purpose.life();
            let waiting = waiting.filter(|code| code.expires_at.is_ahead(self.now(), life));
            let own = fresh.attributes.get(contact.attribute()).map(str::to_owned);
            let address = waiting.map(|code| code.address).or(own);
            let address =
                address.ok_or_else(|| Refusal::invalid(AttributeFlaw::Absent(contact)))?;
            let (mut changes, delivery) = self.attribute_code(pool, &fresh, contact, &address);
            changes.push(fresh.unchanged());
            Ok(Plan::accept(delivery, changes))
        })
        .await
    }

    /// Takes the proof of an address (`VerifyUserAttribute`), and the address with it if it waited.
    ///
    /// # Errors
    ///
    /// Those of [`Local::authorize`]; [`Refusal::AccessTokenLacksScope`] for machines;
    /// [`Refusal::VerificationCodeWrong`], [`Refusal::VerificationCodeExpired`];
    /// [`Refusal::LimitExceeded`] after fifteen attempts an hour; [`Refusal::AliasExists`];
    /// [`Refusal::LastAdministrator`]; [`Refusal::UserNotFound`] if the user is removed meanwhile;
    /// faults on our side.
    pub async fn verify_attribute(
        &self,
        request: &RequestContext,
        access_token: &Secret,
        contact: Contact,
        code: &Secret,
    ) -> Result<()> {
        let Authorized { pool, user, .. } = &self.authorize_person(request, access_token).await?;
        self.decide_about(request, user, |fresh| async move {
            let mut plan = self.plan_verification(pool, fresh.clone(), contact, code).await?;
            self.keep_administered(request, &fresh, &mut plan.changes).await?;
            Ok(plan)
        })
        .await
    }

    async fn plan_verification(
        &self,
        pool: &UserPoolRecord,
        mut user: User,
        contact: Contact,
        code: &Secret,
    ) -> Result<Plan<()>> {
        let (purpose, before) = (CodePurpose::verify(contact), user.clone());
        let basis = before.attributes.get(contact.attribute()).unwrap_or_default();
        let attempt = self.use_quota(pool, user.sub.as_str(), Quota::VerifyAttribute);
        let given = GivenCode { purpose, code, basis };
        let stored = match self.matching_code((pool, false), user.sub.as_str(), given).await? {
            Ok(stored) => stored,
            Err(refusal) => return Ok(Plan::refuse_with(refusal, vec![attempt])),
        };
        user.prove(contact, &stored.address, self.now());
        user.modified_at = self.now();
        let mut changes = vec![attempt, Change::SpendCode(stored)];
        changes.extend(pool.moved_aliases(&before, &user));
        changes.push(Change::UpdateUser(Box::new(user)));
        Ok(Plan::accept((), changes))
    }

    /// A code for an address. What the attribute is until then is what the code does not outlive.
    fn attribute_code(
        &self,
        pool: &UserPoolRecord,
        user: &User,
        contact: Contact,
        address: &str,
    ) -> (Vec<Change>, Delivery) {
        let purpose = CodePurpose::verify(contact);
        let basis = user.attributes.get(contact.attribute()).unwrap_or_default();
        let new = NewCode { purpose, contact, address, basis };
        let (mut changes, delivery) = self.new_code(pool, user, new);
        changes.push(self.use_quota(pool, user.sub.as_str(), Quota::RequestVerification));
        (changes, delivery)
    }

    /// Whether a change removes an address that second factors go to, or that is the way back in. A
    /// new one could be added at once, without the proof that changing it takes.
    fn is_needed(
        &self,
        pool: &UserPoolRecord,
        user: &User,
        (name, value): &(String, String),
    ) -> bool {
        let contact = Contact::named(name).filter(|_| value.is_empty());
        let Some(contact) = contact else { return false };
        let is_way_back = || way_back(pool, user, self.now()) == Some(contact);
        let has_one = user.attributes.get(name).is_some();
        has_one && (takes_codes(pool, user, contact) || is_way_back())
    }
}

/// Whether a new address has to be proven before it takes the place of the present one.
fn is_held(pool: &UserPoolRecord, user: &User, (name, value): &(String, String)) -> bool {
    let Some(contact) = Contact::named(name).filter(|_| !value.is_empty()) else { return false };
    let is_new = user.attributes.get(name) != Some(value);
    is_new
        && (takes_codes(pool, user, contact) || pool.rules.verify_before_update.contains(&contact))
}

fn value(changes: &[(String, String)], contact: Contact) -> Option<&str> {
    let own = changes.iter().find(|(name, _)| name == contact.attribute());
    own.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
}
