//! Which second factor a sign-in asks for.

use super::is_service;
use crate::backend::user_pool::{Factor, MfaSummary};
use crate::entity::{Contact, MfaMode, Totp, User, UserPoolRecord};

/// What is asked for after the first factor.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Demand {
    /// Nothing.
    None,
    /// One factor.
    One(Usable),
    /// One of several, of which the user prefers none.
    Select(Vec<Usable>),
    /// None of the user's own, but one must be: those that can be set up.
    Setup(Vec<Factor>),
}

/// A factor that the user can answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Usable {
    /// A code of the authenticator app.
    SoftwareToken,
    /// A code that is sent there.
    SentCode {
        /// What kind of address it is.
        contact: Contact,
        /// The address.
        address: String,
    },
}

impl Usable {
    pub(super) fn factor(&self) -> Factor {
        match self {
            Self::SoftwareToken => Factor::Totp,
            Self::SentCode { contact, .. } => Factor::sent_to(*contact),
        }
    }
}

/// A user's second factors, in short.
pub fn summary(pool: &UserPoolRecord, user: &User) -> MfaSummary {
    MfaSummary {
        required: !matches!(demanded(pool, user), Demand::None),
        totp: enabled_totp(user).is_some(),
        email: user.mfa.email.is_some(),
        sms: user.mfa.sms.is_some(),
        preferred: preferred(user),
    }
}

/// The factors that sign-ins can ask this user for, the strongest first.
pub fn enabled_factors(pool: &UserPoolRecord, user: &User) -> Vec<Factor> {
    enabled(pool, user).iter().map(Usable::factor).collect()
}

/// Whether sign-ins ask this user for a factor that the user has.
pub fn has_factor(pool: &UserPoolRecord, user: &User) -> bool {
    let is_asked = matches!(demanded(pool, user), Demand::One(_) | Demand::Select(_));
    is_asked || !enabled(pool, user).is_empty()
}

/// Cognito's rule. A preferred factor wins; of several the user chooses. Where the pool insists,
/// an app that was verified serves even if the user or the pool has switched it off, and so does an
/// address that is not the pool's first way back in for a forgotten password: or else one mailbox
/// would be enough.
pub(super) fn demanded(pool: &UserPoolRecord, user: &User) -> Demand {
    if pool.mfa == MfaMode::Off || is_service(user) {
        return Demand::None;
    }
    let enabled = enabled(pool, user);
    let preferred = preferred(user);
    if let Some(first) = enabled.iter().find(|usable| preferred == Some(usable.factor())) {
        return Demand::One(first.clone());
    }
    match one_or_several(enabled) {
        Some(demand) => demand,
        None if pool.mfa == MfaMode::Optional => Demand::None,
        None => one_or_several(ready(pool, user)).unwrap_or_else(|| can_set_up(pool, user)),
    }
}

/// Whether second factors of this user go to this kind of address, switched on or for want of
/// another.
pub fn takes_codes(pool: &UserPoolRecord, user: &User, contact: Contact) -> bool {
    let goes_there = |usable: &Usable| usable.factor() == Factor::sent_to(contact);
    match demanded(pool, user) {
        Demand::One(usable) if goes_there(&usable) => true,
        Demand::Select(choices) if choices.iter().any(goes_there) => true,
        _ => enabled(pool, user).iter().any(goes_there),
    }
}

fn one_or_several(mut usable: Vec<Usable>) -> Option<Demand> {
    if usable.len() > 1 {
        return Some(Demand::Select(usable));
    }
    usable.pop().map(Demand::One)
}

/// What the user has switched on and the pool offers.
fn enabled(pool: &UserPoolRecord, user: &User) -> Vec<Usable> {
    let totp = enabled_totp(user).filter(|_| pool.rules.second_factors.software_token);
    let totp = totp.map(|_| Usable::SoftwareToken);
    let is_on = |contact: &Contact| user.mfa.sent_to(*contact).is_some();
    let codes = Contact::ALL.into_iter().filter(is_on);
    totp.into_iter().chain(codes.filter_map(|contact| sent_code(pool, user, contact))).collect()
}

/// What the user has not switched on but could answer.
fn ready(pool: &UserPoolRecord, user: &User) -> Vec<Usable> {
    let totp = user.mfa.totp.as_ref().map(|_| Usable::SoftwareToken);
    let way_back = pool.rules.recovery_contacts().first().copied();
    let codes = Contact::ALL.into_iter().filter(|contact| way_back != Some(*contact));
    totp.into_iter().chain(codes.filter_map(|contact| sent_code(pool, user, contact))).collect()
}

fn sent_code(pool: &UserPoolRecord, user: &User, contact: Contact) -> Option<Usable> {
    let address = user.attributes.get(contact.attribute())?;
    let is_offered = pool.rules.second_factors.sent_to(contact);
    is_offered.then(|| Usable::SentCode { contact, address: address.to_owned() })
}

/// An address that the user has is ready, or the way back in: no new one can take its place here.
fn can_set_up(pool: &UserPoolRecord, user: &User) -> Demand {
    let offered = pool.rules.second_factors;
    let has_address = user.attributes.get("email").is_some();
    let totp = offered.software_token.then_some(Factor::Totp);
    let email = (offered.email && !has_address).then_some(Factor::Email);
    Demand::Setup(totp.into_iter().chain(email).collect())
}

fn enabled_totp(user: &User) -> Option<&Totp> {
    user.mfa.totp.as_ref().filter(|totp| totp.enabled)
}

fn preferred(user: &User) -> Option<Factor> {
    if enabled_totp(user).is_some_and(|totp| totp.preferred) {
        return Some(Factor::Totp);
    }
    let is_first = |contact: &Contact| user.mfa.sent_to(*contact).is_some_and(|on| on.preferred);
    Contact::ALL.into_iter().find(is_first).map(Factor::sent_to)
}
