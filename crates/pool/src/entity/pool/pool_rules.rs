use crate::entity::Contact;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// A way back in for who forgot the password, or none (`AccountRecoverySetting`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Recovery {
    /// A code to the verified e-mail address.
    VerifiedEmail,
    /// A code to the verified phone number.
    VerifiedPhoneNumber,
    /// Only an administrator helps.
    AdminOnly,
}

impl Recovery {
    /// Where the code goes.
    pub const fn contact(self) -> Option<Contact> {
        match self {
            Self::VerifiedEmail => Some(Contact::Email),
            Self::VerifiedPhoneNumber => Some(Contact::PhoneNumber),
            Self::AdminOnly => None,
        }
    }
}

/// What may take the password's place as the first factor of `USER_AUTH`
/// (`AllowedFirstAuthFactors`). The password is always one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum FirstFactor {
    /// A code by e-mail.
    EmailOtp,
    /// A code by text message.
    SmsOtp,
}

/// The second factors that users of a pool can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SecondFactors {
    /// Authenticator apps.
    pub software_token: bool,
    /// Codes by e-mail.
    pub email: bool,
    /// Codes by text message.
    pub sms: bool,
}

impl SecondFactors {
    /// Whether codes that are sent to this kind of address are among them.
    pub const fn sent_to(self, contact: Contact) -> bool {
        match contact {
            Contact::Email => self.email,
            Contact::PhoneNumber => self.sms,
        }
    }
}

impl Default for SecondFactors {
    /// Those that cost nothing. Cognito starts with none, and nobody could sign in to a pool that
    /// insists on one.
    fn default() -> Self {
        Self { software_token: true, email: true, sms: false }
    }
}

impl SecondFactors {
    /// Whether users can have none at all.
    pub const fn is_none(self) -> bool {
        !(self.software_token || self.email || self.sms)
    }
}

/// How a pool remembers devices (`DeviceConfiguration`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DeviceRules {
    /// Whether a device must be new to be asked for a second factor: a remembered one proves
    /// itself instead.
    pub challenge_required_on_new_device: bool,
    /// Whether a confirmed device is remembered only once its user says so.
    pub device_only_remembered_on_user_prompt: bool,
}

/// What one kind of message says. What is not given is Cognito's own text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Template {
    /// The subject of mails.
    pub subject: Option<String>,
    /// The text of mails; `{####}` stands for the code, `{username}` for the user.
    pub email: Option<String>,
    /// The text of text messages, likewise.
    pub sms: Option<String>,
}

/// What a pool's messages say.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Templates {
    /// Codes that confirm a sign-up, prove an address, or reset a password
    /// (`VerificationMessageTemplate`).
    pub verification: Template,
    /// Temporary passwords (`InviteMessageTemplate`).
    pub invitation: Template,
    /// Codes that finish a sign-in (`EmailMfaConfiguration`, `SmsAuthenticationMessage`).
    pub sign_in: Template,
    /// Word of changes to an account; `{change}` stands for what has changed. Cognito has no such
    /// message. Left out of what is stored unless it is given, so that the release before reads it.
    #[serde(skip_serializing_if = "is_default")]
    pub notice: Template,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// How a pool keeps track of its users' sign-ins (`UserSessionTracking`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionRules {
    /// Whether sign-ins are listed and limited.
    pub tracked: bool,
    /// How many a user may have at a time; the least recently used one gives way.
    pub max_per_user: u32,
}

impl Default for SessionRules {
    /// Cognito's default.
    fn default() -> Self {
        Self { tracked: false, max_per_user: 20 }
    }
}

/// How recent a sign-in must be whose token changes a second factor or an address of its user: a
/// stolen access token alone is not to become the account. In minutes; 0 asks for nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FreshProof {
    /// For tokens of app clients that serve one of the sign-in APIs, wherever they are shown.
    pub sign_in_apis_minutes: u32,
    /// For other tokens. Cognito has no such rule, and its clients expect none.
    pub cognito_minutes: u32,
}

impl Default for FreshProof {
    fn default() -> Self {
        Self { sign_in_apis_minutes: 5, cognito_minutes: 0 }
    }
}

/// What an operator decides about a pool's users, beyond names and passwords. All of it can be
/// changed at any time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PoolRules {
    /// Whether only administrators make users (`AllowAdminCreateUserOnly`).
    pub admin_create_only: bool,
    /// What a sign-up or a change of address is asked to prove (`AutoVerifiedAttributes`).
    pub auto_verified: Vec<Contact>,
    /// What stays as it was until the new value is proven
    /// (`AttributesRequireVerificationBeforeUpdate`).
    pub verify_before_update: Vec<Contact>,
    /// The ways back in, the preferred one first; `None` means Cognito's legacy: a verified phone
    /// number, else a verified e-mail address.
    pub recovery: Option<Vec<Recovery>>,
    /// What may take the password's place.
    pub first_factors: Vec<FirstFactor>,
    /// The second factors users can have.
    pub second_factors: SecondFactors,
    /// How devices are remembered; `None` means that they are not.
    pub devices: Option<DeviceRules>,
    /// What messages say.
    pub templates: Templates,
    /// How many days people who sign up have to prove it before they are removed; 0 means as many
    /// as they like, `None` the default. Left out of what is stored, so that the release before
    /// reads what is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unconfirmed_days: Option<u32>,
    /// Whether users are not told when a password, an address, a factor or a device changes.
    #[serde(skip_serializing_if = "is_default")]
    pub without_notices: bool,
    /// How recent a sign-in must be to change factors and addresses by.
    #[serde(skip_serializing_if = "is_default")]
    pub fresh_proof: FreshProof,
    /// What users may write through app clients that list no `WriteAttributes`.
    #[serde(skip_serializing_if = "is_default")]
    pub default_write: DefaultWrite,
}

/// What users may write through app clients that list no `WriteAttributes`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DefaultWrite {
    /// Standard and custom attributes, as people have seen Amazon do.
    #[default]
    All,
    /// Standard attributes alone, as Amazon's page says: for pools in which somebody trusts a custom
    /// attribute.
    Standard,
}

impl PoolRules {
    /// How many days people who sign up have to prove it, unless the operator says otherwise.
    pub const UNCONFIRMED_DAYS: u32 = 7;

    /// How long people who sign up have to prove it; `None` means as long as they like.
    pub fn time_to_confirm(&self) -> Option<Duration> {
        let days = self.unconfirmed_days.unwrap_or(Self::UNCONFIRMED_DAYS);
        (days > 0).then(|| Duration::from_hours(24 * u64::from(days)))
    }

    /// Whether each address that must be verified before it replaces another one is verified at all.
    pub fn verifies_updates(&self) -> bool {
        self.verify_before_update.iter().all(|contact| self.auto_verified.contains(contact))
    }

    /// Where codes for a forgotten password may go, the preferred way first.
    pub fn recovery_contacts(&self) -> Vec<Contact> {
        const LEGACY: [Recovery; 2] = [Recovery::VerifiedPhoneNumber, Recovery::VerifiedEmail];
        let ways = self.recovery.as_deref().unwrap_or(&LEGACY);
        ways.iter().filter_map(|way| way.contact()).collect()
    }
}
