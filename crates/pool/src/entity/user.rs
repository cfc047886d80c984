use crate::change::Change;
use crate::entity::{Attributes, Contact};
use crate::ids::{PoolId, Sub, Username};
use crate::seal::Sealed;
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
    /// The sealed [`Credentials`](crate::credentials::Credentials), if the user has a password.
    pub password: Option<Sealed>,
    /// When the password was set; a temporary one ages from here.
    pub password_set_at: Timestamp,
    /// Attributes, without `sub`.
    pub attributes: Attributes,
    /// Second factors.
    pub mfa: Mfa,
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
    /// A change that holds only if nobody changes the user meanwhile.
    #[must_use]
    pub fn unchanged(&self) -> Change {
        let (pool, sub) = (self.pool.clone(), self.sub.clone());
        Change::ExpectUser { pool, sub, version: self.version }
    }

    /// Ends every sign-in of the user: the changes, of which one is the user's own.
    #[must_use]
    pub fn sign_out(&mut self, at: Timestamp) -> Vec<Change> {
        self.signed_out_at = Some(at);
        let (pool, sub) = (self.pool.clone(), self.sub.clone());
        vec![Change::UpdateUser(Box::new(self.clone())), Change::RevokeSessionsOf { pool, sub, at }]
    }
}
