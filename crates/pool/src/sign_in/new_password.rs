use super::challenge::{self, Pending, PendingStep};
use super::mfa::takes_codes;
use super::software_token::failed;
use super::{Candidate, Decision, DecisionContext, after_password, decide_unseen, settle_lockout};
use crate::attributes;
use crate::backend::entry_policy::EntryPolicy;
use crate::backend::user_pool::{Challenge, ChallengeKind};
use crate::change::Change;
use crate::crypto::seal::Sealed;
use crate::crypto::secret::Secret;
use crate::entity::{
    Attributes, Contact, PasswordSource, SignInName, User, UserPoolRecord, UserStatus,
};
use crate::error::{AttributeFlaw, Refusal};
use crate::ids::EventId;
use crate::limits::lockout::Lockout;
use crate::password;
use std::time::Duration;

/// Asks for a new password in place of a temporary one, unless that is too old.
pub(super) fn ask(
    context: DecisionContext<'_>,
    candidate: &Candidate,
    event: EventId,
) -> Result<Challenge, Refusal> {
    let days = u64::from(context.pool.password_policy.temporary_password_validity_days);
    let life = Duration::from_secs(days * 86_400);
    if candidate.user.password_set_at.after(life) <= context.now {
        return Err(Refusal::TemporaryPasswordExpired);
    }
    let attributes = &candidate.user.attributes;
    let readable = attributes.iter().filter(|(name, _)| context.client.may_read(name));
    let kind = ChallengeKind::NewPasswordRequired {
        required: missing_attributes(context, attributes),
        attributes: readable.map(|(name, value)| (name, value.to_owned())).collect(),
    };
    Ok(challenge::ask(context, candidate, event, PendingStep::NewPassword, kind))
}

fn missing_attributes(context: DecisionContext<'_>, attributes: &Attributes) -> Vec<String> {
    let required = context.pool.schema.iter().filter(|attribute| attribute.required);
    let missing = required.filter(|attribute| attributes.get(&attribute.name).is_none());
    missing.filter(|attribute| attribute.name != "sub").map(|a| a.name.clone()).collect()
}

/// What can be refused of an answer before the costly hash of the new password is made.
///
/// # Errors
///
/// [`Refusal::PasswordPolicy`], [`Refusal::AttributeMissing`] for a required attribute,
/// [`Refusal::AttributeNotWritable`], [`Refusal::Invalid`] with an [`AttributeFlaw`].
pub fn check_new_password(
    context: DecisionContext<'_>,
    candidate: &Candidate,
    password: &Secret,
    given: &Attributes,
) -> Result<(), Refusal> {
    password::check(&context.pool.password_policy, password).map_err(Refusal::PasswordPolicy)?;
    let missing = missing_attributes(context, &candidate.user.attributes);
    if let Some(name) = missing.iter().find(|name| given.get(name).is_none()) {
        return Err(Refusal::AttributeMissing(name.clone()));
    }
    for (name, value) in given.iter() {
        let attribute = context.pool.attribute(name).ok_or(Refusal::AttributeNotWritable)?;
        // The old value of a sign-in name would go on leading to the user.
        let signs_in = context.pool.alias_kinds().any(|kind| kind.attribute() == name);
        let is_fixed = attribute.required || signs_in;
        if is_fixed && candidate.user.attributes.get(name).is_some() {
            return Err(Refusal::invalid(AttributeFlaw::Provided(name.to_owned())));
        }
        let fills_gap = missing.iter().any(|missing| missing == name);
        let default = context.pool.rules.default_write;
        let writable = attribute.mutable && context.client.may_write(name, default);
        let settable =
            !attribute.developer_only && !redirects_codes(context, candidate, name, value);
        if !(settable && (fills_gap || writable)) {
            return Err(Refusal::AttributeNotWritable);
        }
    }
    attributes::check(context.pool, given)
}

/// Whether the second factor's codes would go elsewhere: only the password is proven yet.
fn redirects_codes(
    context: DecisionContext<'_>,
    candidate: &Candidate,
    name: &str,
    value: &str,
) -> bool {
    let user = &candidate.user;
    let is_new = user.attributes.get(name).is_some_and(|present| present != value);
    let contact = Contact::named(name).filter(|_| is_new);
    contact.is_some_and(|contact| takes_codes(context.pool, user, contact))
}

/// Takes the new password, already hashed and sealed, and goes on to the second factor.
pub fn decide_new_password(
    context: DecisionContext<'_>,
    pending: &Pending,
    mut candidate: Candidate,
    (hash, given): (Sealed, &Attributes),
    lockout: &Lockout,
    entry_policy: &EntryPolicy,
) -> Decision {
    if !matches!(pending.step, PendingStep::NewPassword) {
        return Decision::refuse(Refusal::ChallengeSessionInvalid, Vec::new());
    }
    if let Some(unseen) = decide_unseen(context, pending, &candidate, lockout, entry_policy) {
        return unseen;
    }
    let user = &mut candidate.user;
    user.status = UserStatus::Confirmed;
    user.password = Some(hash);
    user.password_set_at = context.now;
    user.modified_at = context.now;
    let before = user.clone();
    context.pool.keep_names(user);
    set_attributes(context.pool, &mut user.attributes, given);
    note_source(user);
    let mut changes =
        vec![pending.spend(context.client), Change::UpdateUser(Box::new(user.clone()))];
    changes.extend(context.pool.moved_aliases(&before, user));
    let (progress, more) = after_password(context, candidate, pending.event.clone(), entry_policy);
    changes.extend(more);
    let result = Ok(progress);
    changes.push(settle_lockout(lockout, &result));
    Decision { result, changes, reason: None }
}

/// Only the owner of the address that an invitation was sent to has the password that was just
/// replaced. So replacing it may verify the address, if it is still the user's. A password that an
/// administrator knows proves nothing.
fn note_source(user: &mut User) {
    match std::mem::take(&mut user.provenance.password) {
        PasswordSource::Invitation { contact, address, verifies }
            if user.attributes.get(contact.attribute()) == Some(address.as_str()) =>
        {
            if verifies {
                user.attributes.set(contact.verified_attribute(), "true");
            }
            user.note_owner(contact);
        }
        _ => user.note_password(PasswordSource::Other),
    }
}

/// Refuses a password that the user had of late. That tells something about old passwords to who
/// only knows a temporary one, so it counts like any wrong proof.
pub fn decide_reused(
    context: DecisionContext<'_>,
    pending: &Pending,
    user: &User,
    lockout: &Lockout,
) -> Decision {
    failed(context, pending, (user, lockout), Refusal::PasswordReused)
}

/// An address or number that changes has yet to be verified, whatever was known of the old one.
fn set_attributes(pool: &UserPoolRecord, attributes: &mut Attributes, given: &Attributes) {
    for (name, value) in given.iter() {
        let is_address = [SignInName::Email, SignInName::PhoneNumber]
            .iter()
            .any(|kind| kind.attribute() == name);
        if is_address && attributes.get(name) != Some(value) {
            attributes.set(format!("{name}_verified"), "false");
        }
        attributes.set(name, attributes::kept(pool, name, value));
    }
}
