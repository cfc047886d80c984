use crate::crypto::seal::Sealed;
use crate::entity::{Attributes, Contact, PasswordSource, Provenance};
use crate::ids::{PoolId, Sub, Username};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Where a user stands; `Enabled` is a separate flag.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum UserStatus {
    /// Signed up, not confirmed yet.
    Unconfirmed,
    /// May sign in.
    Confirmed,
    /// Has a temporary password and must replace it at the next sign-in.
    ForceChangePassword,
    /// Must set a new password with a mailed code.
    ResetRequired,
}

impl UserStatus {
    /// Cognito's spelling.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unconfirmed => "UNCONFIRMED",
            Self::Confirmed => "CONFIRMED",
            Self::ForceChangePassword => "FORCE_CHANGE_PASSWORD",
            Self::ResetRequired => "RESET_REQUIRED",
        }
    }
}

/// Whether a human or a program signs in. Programs hold generated secrets and are never asked for
/// a second factor, which they could not give.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A human.
    #[default]
    Person,
    /// A service account or machine credential.
    Service,
}

/// A verified authenticator app.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totp {
    /// The shared key, sealed at rest.
    pub secret: Sealed,
    /// Whether sign-ins ask for it.
    pub enabled: bool,
    /// Whether it is asked for first.
    pub preferred: bool,
    /// What the user calls the device.
    pub friendly_name: Option<String>,
}

/// Codes that are sent to an address as a second factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeMfa {
    /// Whether it is asked for first.
    pub preferred: bool,
}

/// A user's second factors.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mfa {
    /// The authenticator app in force.
    pub totp: Option<Totp>,
    /// A shared key handed out but not proven yet; the one in force stays until it is.
    pub pending_totp: Option<Sealed>,
    /// Whether codes by text message were asked for the old way (`MFAOptions`).
    #[serde(default)]
    pub legacy_sms: bool,
    /// Codes by e-mail, when enabled.
    pub email: Option<CodeMfa>,
    /// Codes by text message, when enabled.
    #[serde(default)]
    pub sms: Option<CodeMfa>,
}

impl Mfa {
    /// Codes that are sent to this kind of address, when enabled.
    pub const fn sent_to(&self, contact: Contact) -> Option<CodeMfa> {
        match contact {
            Contact::Email => self.email,
            Contact::PhoneNumber => self.sms,
        }
    }

    /// The same to be changed.
    pub const fn sent_to_mut(&mut self, contact: Contact) -> &mut Option<CodeMfa> {
        match contact {
            Contact::Email => &mut self.email,
            Contact::PhoneNumber => &mut self.sms,
        }
    }

    /// Switches off what goes to addresses that the user does not have.
    pub fn keep_reachable(&mut self, attributes: &Attributes) {
        for contact in Contact::ALL {
            if attributes.get(contact.attribute()).is_none() {
                *self.sent_to_mut(contact) = None;
            }
        }
    }
}

/// A user of a pool.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct User {
    /// The pool.
    pub pool: PoolId,
    /// The immutable id.
    pub sub: Sub,
    /// The canonical username.
    pub username: Username,
    /// Where the user stands.
    pub status: UserStatus,
    /// A disabled user cannot sign in, refresh or call anything.
    pub enabled: bool,
    /// Human or program.
    pub kind: Kind,
    /// The sealed [`Credentials`](crate::crypto::credentials::Credentials), if the user has a password.
    pub password: Option<Sealed>,
    /// When the password was set; a temporary one ages from here.
    pub password_set_at: Timestamp,
    /// Attributes, without `sub`.
    pub attributes: Attributes,
    /// Second factors.
    pub mfa: Mfa,
    /// Where credentials and names come from.
    pub provenance: Provenance,
    /// The last global sign-out: tokens issued up to then are refused.
    pub signed_out_at: Option<Timestamp>,
    /// When the user was made.
    pub created_at: Timestamp,
    /// When the user last changed.
    pub modified_at: Timestamp,
    /// Counts changes; a commit decided on an older version is refused.
    pub version: i64,
}

impl User {
    /// Notes that nobody but the owner of this address, which is the user's, knows the present
    /// password.
    pub fn note_owner(&mut self, contact: Contact) {
        self.provenance.password = PasswordSource::Other;
        self.provenance.proven.clear();
        if let Some(address) = self.attributes.get(contact.attribute()) {
            self.provenance.proven.insert(contact, address.to_owned());
        }
    }

    /// Notes where a new password comes from. Of whom it is, nothing is known.
    pub fn note_password(&mut self, source: PasswordSource) {
        self.provenance.password = source;
        self.provenance.proven.clear();
    }

    /// Whether an address is verified once its owner replaces the present password.
    pub const fn is_verified_by_invitation(&self) -> bool {
        matches!(self.provenance.password, PasswordSource::Invitation { verifies: true, .. })
    }

    /// Whether the user's address of this kind is verified and nobody but its owner knows what the
    /// user signs in with.
    pub fn is_owned_through(&self, contact: Contact) -> bool {
        let address = self.attributes.get(contact.attribute());
        let proven = self.provenance.proven.get(&contact).map(String::as_str);
        address.is_some() && address == proven && self.has_proven(contact)
    }

    /// The e-mail address, if nobody but its owner knows what the user signs in with.
    pub fn owned_email(&self) -> Option<&str> {
        let owned = self.is_owned_through(Contact::Email);
        self.attributes.get(Contact::Email.attribute()).filter(|_| owned)
    }

    /// Whether the user has a verified address of this kind.
    pub fn has_proven(&self, contact: Contact) -> bool {
        self.attributes.get(contact.attribute()).is_some()
            && self.attributes.flag(contact.verified_attribute())
    }

    /// Whether an address of this kind stands in the username's place.
    pub fn goes_by(&self, contact: Contact) -> bool {
        self.provenance.names.as_ref().is_some_and(|names| names.contains_key(&contact))
    }
}
