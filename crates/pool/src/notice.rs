//! Which changes of an account its user is told of, and where.

use crate::entity::{Contact, Mfa, User, UserStatus};
use crate::quota::Quota;

/// What of an account changes, the gravest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Aspect {
    Address,
    Password,
    Factor,
    Device,
}

impl Aspect {
    /// What bounds how often a user is told. Each has its own, so that harmless changes cannot be
    /// made until a grave one goes untold.
    pub(crate) const fn quota(self) -> Quota {
        match self {
            Self::Address => Quota::AddressNotice,
            Self::Password => Quota::PasswordNotice,
            Self::Factor => Quota::FactorNotice,
            Self::Device => Quota::DeviceNotice,
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
}

/// Where a user is told: the proven e-mail address, or for want of one the proven phone number.
pub(crate) fn recipient(user: &User) -> Option<(Contact, &str)> {
    let proven = |contact: Contact| {
        let is_proven = user.attributes.flag(contact.verified_attribute());
        let address = user.attributes.get(contact.attribute()).filter(|_| is_proven)?;
        Some((contact, address))
    };
    Contact::ALL.into_iter().find_map(proven)
}

/// All that is different, as one text.
pub(crate) fn sentences(differences: &[Difference]) -> String {
    let sentences: Vec<_> = differences.iter().map(|difference| difference.sentence).collect();
    sentences.join(" ")
}

/// What is different about how a user signs in or comes back in.
pub(crate) fn differences(before: &User, after: &User) -> Vec<Difference> {
    let addresses = Contact::ALL.into_iter().filter_map(|contact| address(before, after, contact));
    let addresses = addresses.map(|sentence| Difference { aspect: Aspect::Address, sentence });
    let password = password(before, after);
    let password = password.map(|sentence| Difference { aspect: Aspect::Password, sentence });
    let factor = factor(&before.mfa, &after.mfa);
    let factor = factor.map(|sentence| Difference { aspect: Aspect::Factor, sentence });
    addresses.chain(password).chain(factor).collect()
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
/// One that is hashed anew keeps its age.
fn password(before: &User, after: &User) -> Option<&'static str> {
    if before.status == UserStatus::ForceChangePassword {
        return None;
    }
    if before.password.is_some() && after.password.is_none() {
        return Some("Your password was removed.");
    }
    let is_new = before.password_set_at != after.password_set_at;
    is_new.then_some("Your password was changed.")
}

fn factor(before: &Mfa, after: &Mfa) -> Option<&'static str> {
    let key = |mfa: &Mfa| mfa.totp.as_ref().map(|totp| totp.secret.clone());
    let switches = |mfa: &Mfa| {
        let totp = mfa.totp.as_ref().map(|totp| (totp.enabled, totp.preferred));
        (totp, mfa.email, mfa.sms)
    };
    match (key(before), key(after)) {
        (None, Some(_)) => Some("An authenticator app was set up."),
        (Some(_), None) => Some("Your authenticator app was removed."),
        (Some(old), Some(new)) if old != new => Some("Your authenticator app was replaced."),
        _ if switches(before) != switches(after) => Some("Your second factors were changed."),
        _ => None,
    }
}
