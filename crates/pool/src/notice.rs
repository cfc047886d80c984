//! Which changes of an account its user is told of, and where.

use crate::entity::{Contact, Mfa, PasswordSource, User, UserPoolRecord, UserStatus};
use crate::time::Timestamp;

/// What of an account changes, the gravest first. How often a user is told is bounded for each of
/// them apart: harmless changes cannot be made until a grave one goes untold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Aspect {
    /// The account as a whole: it is gone.
    Account,
    /// The proven address that word goes to: it is not the user's any more, or not proven. What
    /// comes next is told elsewhere, so this is bounded for each address by itself.
    Recipient,
    /// Another address of this kind that was proven, or one that is proven now.
    Proof(Contact),
    /// The password that an administrator gave the account and knows: another takes its place.
    KnownPassword,
    /// The password.
    Password,
    /// The authenticator app: set up, replaced, removed.
    App,
    /// Whether sign-ins ask for the authenticator app.
    AppSwitch,
    /// Whether sign-ins ask for codes that go to this kind of address.
    CodeSwitch(Contact),
    /// The devices that are remembered.
    Device,
    /// An address of this kind that nobody has proven.
    Address(Contact),
    /// Which second factor is asked for first.
    Preference,
}

impl Aspect {
    /// The name under which its notices are counted.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Account => "account_notice",
            Self::Recipient => "recipient_notice",
            Self::Proof(Contact::Email) => "email_proof_notice",
            Self::Proof(Contact::PhoneNumber) => "phone_proof_notice",
            Self::KnownPassword => "known_password_notice",
            Self::Password => "password_notice",
            Self::App => "app_notice",
            Self::AppSwitch => "app_switch_notice",
            Self::CodeSwitch(Contact::Email) => "email_switch_notice",
            Self::CodeSwitch(Contact::PhoneNumber) => "phone_switch_notice",
            Self::Device => "device_notice",
            Self::Address(Contact::Email) => "email_notice",
            Self::Address(Contact::PhoneNumber) => "phone_notice",
            Self::Preference => "preference_notice",
        }
    }
}

/// One thing that is different now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Difference {
    pub(crate) aspect: Aspect,
    /// What the user is told, without any value.
    pub(crate) sentence: &'static str,
}

impl Difference {
    /// Sign-ins on a device go without a second factor, or prove the device in its place.
    pub(crate) const DEVICE: Self =
        Self { aspect: Aspect::Device, sentence: "A device was remembered for your sign-ins." };

    pub(crate) const GONE: Self =
        Self { aspect: Aspect::Account, sentence: "Your account was deleted." };

    const KNOWN_PASSWORD: Self = Self {
        aspect: Aspect::KnownPassword,
        sentence: "The password that an administrator gave your account was replaced.",
    };
}

/// Where a user is told of this: at a proven address. Who has none yet is told at the email address
/// that the account was made with, once the password that its maker knows is replaced: the maker could
/// have done so.
pub(crate) fn told_at<'a>(
    user: &'a User,
    differences: &[Difference],
    now: Timestamp,
) -> Option<(Contact, &'a str)> {
    let given = || {
        let is_told = differences.contains(&Difference::KNOWN_PASSWORD);
        let address = user.attributes.get(Contact::Email.attribute()).filter(|_| is_told)?;
        Some((Contact::Email, address))
    };
    recipient(user, now).or_else(given)
}

/// What the user signs in by: where usernames are UUIDs, the address in the username's place.
pub(crate) fn name<'a>(pool: &UserPoolRecord, user: &'a User) -> &'a str {
    let kinds = Contact::ALL.into_iter().map(Contact::sign_in_name);
    let mut kinds = kinds.filter(|kind| pool.username_attributes.contains(kind));
    kinds.find_map(|kind| pool.name(user, kind)).unwrap_or(user.username.as_str())
}

/// The proven email address, or for want of one the proven phone number. One that was proven of late
/// does not go before an older one, or whoever added it would hear what its user should.
fn recipient(user: &User, now: Timestamp) -> Option<(Contact, &str)> {
    let which = |is_one: &dyn Fn(Contact) -> bool| {
        let contacts: Vec<_> =
            Contact::ALL.into_iter().filter(|contact| is_one(*contact)).collect();
        user.first_settled(&contacts, now)
    };
    let contact = which(&|contact| user.lets_in(contact));
    let contact = contact.or_else(|| which(&|contact| user.has_proven(contact)))?;
    Some((contact, user.attributes.get(contact.attribute())?))
}

/// All that is different, as one text that says nothing twice.
pub(crate) fn sentences(differences: &[Difference]) -> String {
    let mut sentences: Vec<_> = differences.iter().map(|difference| difference.sentence).collect();
    sentences.dedup();
    sentences.join(" ")
}

/// What is different about how a user signs in or comes back in.
pub(crate) fn differences(before: &User, after: &User, now: Timestamp) -> Vec<Difference> {
    let addresses = Contact::ALL.into_iter().filter_map(|contact| {
        let aspect = address_aspect((before, after), contact, now);
        address(before, after, contact).map(|sentence| Difference { aspect, sentence })
    });
    addresses.chain(password(before, after)).chain(factors(&before.mfa, &after.mfa)).collect()
}

/// What it is of an address of this kind that changes, if something does.
fn address_aspect((before, after): (&User, &User), contact: Contact, now: Timestamp) -> Aspect {
    let is_told = recipient(before, now).is_some_and(|(told, _)| told == contact);
    match (before.has_proven(contact), after.has_proven(contact)) {
        (true, _) if is_told => Aspect::Recipient,
        (false, false) => Aspect::Address(contact),
        _ => Aspect::Proof(contact),
    }
}

fn address(before: &User, after: &User, contact: Contact) -> Option<&'static str> {
    let value = |user: &User| user.attributes.get(contact.attribute()).map(str::to_owned);
    let is_proven = |user: &User| user.attributes.flag(contact.verified_attribute());
    let is_mail = contact == Contact::Email;
    let pick = |mail, phone| Some(if is_mail { mail } else { phone });
    match (value(before), value(after)) {
        (Some(old), Some(new)) if old != new => {
            pick("Your email address was changed.", "Your phone number was changed.")
        }
        (Some(_), None) => {
            pick("Your email address was removed.", "Your phone number was removed.")
        }
        (None, Some(_)) => pick("An email address was added.", "A phone number was added."),
        _ => match (is_proven(before), is_proven(after)) {
            (false, true) => {
                pick("Your email address was verified.", "Your phone number was verified.")
            }
            (true, false) => pick(
                "Your email address does not count as verified any more.",
                "Your phone number does not count as verified any more.",
            ),
            _ => None,
        },
    }
}

/// A temporary password was nobody's own yet: that another takes its place is what everybody expects.
/// But one that a partner's administrator knows, the administrator can replace. One that is hashed
/// anew keeps its age.
fn password(before: &User, after: &User) -> Option<Difference> {
    let is_known = |user: &User| user.provenance.password == PasswordSource::Administrator;
    if is_known(before) && !is_known(after) && after.password.is_some() {
        return Some(Difference::KNOWN_PASSWORD);
    }
    if before.status == UserStatus::ForceChangePassword {
        return None;
    }
    let changed = |sentence| Difference { aspect: Aspect::Password, sentence };
    if before.password.is_some() && after.password.is_none() {
        return Some(changed("Your password was removed."));
    }
    let is_new = before.password_set_at != after.password_set_at;
    is_new.then(|| changed("Your password was changed."))
}

fn factors(before: &Mfa, after: &Mfa) -> Vec<Difference> {
    let app = app(before, after);
    let mut aspects = Vec::new();
    let is_asked = |mfa: &Mfa| mfa.totp.as_ref().map(|totp| totp.enabled);
    if app.is_none() && is_asked(before) != is_asked(after) {
        aspects.push(Aspect::AppSwitch);
    }
    let switched = Contact::ALL
        .into_iter()
        .filter(|contact| before.sent_to(*contact).is_some() != after.sent_to(*contact).is_some());
    aspects.extend(switched.map(Aspect::CodeSwitch));
    let first = |mfa: &Mfa| (mfa.totp.as_ref().map(|totp| totp.preferred), mfa.email, mfa.sms);
    if app.is_none() && aspects.is_empty() && first(before) != first(after) {
        aspects.push(Aspect::Preference);
    }
    let sentence = "Your second factors were changed.";
    let switches = aspects.into_iter().map(|aspect| Difference { aspect, sentence });
    let app = app.map(|sentence| Difference { aspect: Aspect::App, sentence });
    app.into_iter().chain(switches).collect()
}

fn app(before: &Mfa, after: &Mfa) -> Option<&'static str> {
    let key = |mfa: &Mfa| mfa.totp.as_ref().map(|totp| totp.secret.clone());
    match (key(before), key(after)) {
        (None, Some(_)) => Some("An authenticator app was set up."),
        (Some(_), None) => Some("Your authenticator app was removed."),
        (Some(old), Some(new)) if old != new => Some("Your authenticator app was replaced."),
        _ => None,
    }
}
