//! The verbs that the sign-in APIs call, wherever the pool lives.

use crate::backend::entry_policy::EntryPolicy;
use crate::crypto::secret::Secret;
use crate::entity::{Attributes, Contact, Face, Grant, Partner, Tenant};
use crate::error::Result;
use crate::ids::{
    ClientId, DeviceKey, GroupName, PartnerId, PoolId, SessionId, Sub, TenantId, Username,
};
use crate::message;
use crate::request::RequestContext;
use crate::time::Timestamp;
use async_trait::async_trait;

/// A user pool as a trusted server sees it: the server holds the app client's secret and sends
/// the passwords that its own clients gave it.
#[async_trait]
pub trait UserPool: Send + Sync {
    /// Checks a password (`ADMIN_USER_PASSWORD_AUTH`) and begins, or completes, a sign-in.
    async fn sign_in(&self, request: &RequestContext, command: SignIn) -> Result<Outcome>;

    /// Answers a challenge.
    async fn respond(&self, request: &RequestContext, command: Respond) -> Result<Outcome>;

    /// Issues new tokens for a refresh token.
    async fn refresh(&self, request: &RequestContext, command: Refresh) -> Result<SignedIn>;

    /// Ends the sign-in that a refresh token belongs to. A token that is already dead is not an
    /// error.
    async fn revoke(
        &self,
        request: &RequestContext,
        via: &Via,
        refresh_token: &Secret,
    ) -> Result<()>;

    /// Checks an access token of this app client that is presented at this face: its signature,
    /// issuer and lifetime, that neither the sign-in nor the user has been ended since, and that
    /// the face takes the sign-in ([`Face::is_open_to`]). If the check loads the user's records
    /// anyway, the profile comes along, as [`UserPool::profile`] would return it now.
    async fn authenticate(
        &self,
        request: &RequestContext,
        face: Face,
        client: &ClientId,
        access_token: &Secret,
    ) -> Result<(Caller, Option<Profile>)>;

    /// The user behind a checked access token, as of now.
    async fn profile(
        &self,
        request: &RequestContext,
        client: &ClientId,
        caller: &Caller,
    ) -> Result<Profile>;
}

/// The records around user pools that no pool keeps.
#[async_trait]
pub trait Directory: Send + Sync {
    /// A partner of a pool.
    async fn partner(&self, pool: &PoolId, id: &PartnerId) -> Result<Option<Partner>>;

    /// The permissions that these groups carry, whichever partner they count for.
    async fn grants(&self, pool: &PoolId, groups: &[GroupName]) -> Result<Vec<Grant>>;

    /// A tenant by its name ([`Tenant::is_called`]). If there is none, this returns another tenant,
    /// so that a refusal takes the same work; `None` only if there is no tenant at all.
    async fn tenant_or_other(&self, name: &str) -> Result<Option<Tenant>>;
}

/// The app client that a call comes through, and the proof of that app client's secret.
#[derive(Clone, Debug)]
pub struct Via {
    /// The pool that the caller names, if any.
    pub pool: Option<PoolId>,
    /// The app client.
    pub client: ClientId,
    /// How the caller proves that it knows the app client's secret.
    pub proof: ClientProof,
}

impl Via {
    /// A call by one of our own faces, which needs no proof.
    pub fn trusted(client: &ClientId) -> Self {
        Self { pool: None, client: client.clone(), proof: ClientProof::Trusted }
    }
}

/// How a caller proves that it knows an app client's secret.
#[derive(Clone, Debug)]
pub enum ClientProof {
    /// The caller is one of our own faces.
    Trusted,
    /// The caller sends `SECRET_HASH`, which only app clients with a secret need.
    SecretHash(Option<Secret>),
    /// The caller sends the secret itself, which only app clients that have one need.
    Secret(Option<Secret>),
}

/// A password sign-in.
#[derive(Clone, Debug)]
pub struct SignIn {
    /// The app client that the call comes through.
    pub via: Via,
    /// Username or alias, as typed; where addresses take the username's place, the `sub`, too.
    pub username: String,
    /// The password, as typed.
    pub password: Secret,
    /// The remembered device that the caller claims. If it is the right one, no second factor is
    /// asked for; otherwise the claim is ignored.
    pub device: Option<DevicePair>,
    /// Who may come in.
    pub entry_policy: EntryPolicy,
}

/// An answer to a challenge.
#[derive(Clone, Debug)]
pub struct Respond {
    /// The app client that the call comes through.
    pub via: Via,
    /// The session that came with the challenge.
    pub session: Secret,
    /// The username. If given, it must be that of the session's user.
    pub username: Option<String>,
    /// The answer. Its kind must be the challenge's.
    pub answer: ChallengeAnswer,
    /// Whether to remember the device ([`SignedIn::remembered`]) if the answer is a second factor.
    pub remember_device: bool,
    /// Who may come in.
    pub entry_policy: EntryPolicy,
}

/// The answer to a challenge.
#[derive(Clone, Debug)]
pub enum ChallengeAnswer {
    /// To `NEW_PASSWORD_REQUIRED`.
    NewPassword {
        /// The new password.
        password: Secret,
        /// Attributes that come with the answer, by name without prefix.
        attributes: Attributes,
    },
    /// To `SOFTWARE_TOKEN_MFA`: the code the authenticator app shows.
    SoftwareToken(Secret),
    /// To `EMAIL_OTP`: the code that was mailed.
    EmailCode(Secret),
    /// To `SMS_MFA`: the code that came by text message.
    SmsCode(Secret),
    /// To `MFA_SETUP`, after `VerifySoftwareToken` succeeded in this session.
    MfaSetup,
    /// To `MFA_SETUP`: the e-mail address that will receive codes.
    MfaSetupEmail(String),
    /// To `SELECT_MFA_TYPE`: the factor to continue with.
    MfaType(Factor),
}

/// A refresh.
#[derive(Clone, Debug)]
pub struct Refresh {
    /// The app client that the call comes through.
    pub via: Via,
    /// The refresh token.
    pub refresh_token: Secret,
    /// The device that the sign-in was made with, for pools that track devices.
    pub device_key: Option<DeviceKey>,
    /// Who may come in.
    pub entry_policy: EntryPolicy,
}

/// The state of a sign-in after a call.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// It is complete.
    SignedIn(Box<SignedIn>),
    /// One more challenge must be answered.
    Challenge(Box<Challenge>),
}

/// A completed sign-in or refresh.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// JWT for the pool's own endpoints and for resource servers.
    pub access_token: Secret,
    /// JWT about the user.
    pub id_token: Secret,
    /// Opaque; absent when a refresh does not rotate it.
    pub refresh_token: Option<Secret>,
    /// Life of the access token in seconds.
    pub expires_in: u64,
    /// Who signed in.
    pub profile: Profile,
    /// The keys that a new device may be confirmed with.
    pub new_device: Option<NewDevice>,
    /// The keys with which later sign-ins on this device skip the second factor.
    pub remembered: Option<DevicePair>,
}

/// The two keys of a device that sign-ins are remembered on. Together they stand for a second
/// factor, for this user, through this app client, for a week.
#[derive(Clone, Debug)]
pub struct DevicePair {
    /// Its key.
    pub key: DeviceKey,
    /// The key of its group, which is the secret part.
    pub group_key: Secret,
}

/// What a new device is called (`NewDeviceMetadata`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewDevice {
    /// Its key.
    pub key: DeviceKey,
    /// The key of its group, part of the proofs it will make.
    pub group_key: String,
}

/// A question to the user.
#[derive(Clone, Debug)]
pub struct Challenge {
    /// What is asked.
    pub kind: ChallengeKind,
    /// The session to send back with the answer.
    pub session: Secret,
    /// The canonical username, `USER_ID_FOR_SRP`.
    pub username: Username,
    /// The user's second factors.
    pub mfa: MfaSummary,
}

/// The kinds of question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChallengeKind {
    /// The password was a temporary one.
    NewPasswordRequired {
        /// Required attributes that have no value yet.
        required: Vec<String>,
        /// The user's attributes, without `sub`.
        attributes: Attributes,
    },
    /// A code of the authenticator app.
    SoftwareTokenMfa {
        /// What the user calls the device.
        friendly_name: Option<String>,
    },
    /// A code that was mailed.
    EmailOtp {
        /// The masked address.
        destination: String,
    },
    /// A code that came by text message.
    SmsMfa {
        /// The masked number.
        destination: String,
    },
    /// A second factor must be set up first.
    MfaSetup {
        /// The factors that can be set up.
        choices: Vec<Factor>,
    },
    /// A proof that the device is the remembered one that it claims to be (`DEVICE_SRP_AUTH`).
    DeviceSrp {
        /// The device.
        key: DeviceKey,
    },
    /// Which second factor to continue with.
    SelectMfaType {
        /// The factors that the user has.
        choices: Vec<Factor>,
    },
}

impl ChallengeKind {
    /// The question for a code that was sent to this address.
    pub fn sent_code(contact: Contact, address: &str) -> Self {
        let destination = message::mask(contact, address);
        match contact {
            Contact::Email => Self::EmailOtp { destination },
            Contact::PhoneNumber => Self::SmsMfa { destination },
        }
    }

    /// The second factor whose code is asked for.
    pub const fn factor(&self) -> Option<Factor> {
        match self {
            Self::SoftwareTokenMfa { .. } => Some(Factor::Totp),
            Self::EmailOtp { .. } => Some(Factor::Email),
            Self::SmsMfa { .. } => Some(Factor::Sms),
            Self::NewPasswordRequired { .. }
            | Self::MfaSetup { .. }
            | Self::DeviceSrp { .. }
            | Self::SelectMfaType { .. } => None,
        }
    }

    /// Cognito's name of the challenge.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::NewPasswordRequired { .. } => "NEW_PASSWORD_REQUIRED",
            Self::SoftwareTokenMfa { .. } => "SOFTWARE_TOKEN_MFA",
            Self::EmailOtp { .. } => "EMAIL_OTP",
            Self::SmsMfa { .. } => "SMS_MFA",
            Self::MfaSetup { .. } => "MFA_SETUP",
            Self::DeviceSrp { .. } => "DEVICE_SRP_AUTH",
            Self::SelectMfaType { .. } => "SELECT_MFA_TYPE",
        }
    }
}

/// A second factor. They stand in order of strength, the strongest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Factor {
    /// An authenticator app.
    Totp,
    /// A code by e-mail.
    Email,
    /// A code by text message.
    Sms,
}

impl Factor {
    /// All of them, by Cognito's names.
    pub const BY_NAME: [(&'static str, Self); 3] = [
        (Self::Totp.name(), Self::Totp),
        (Self::Email.name(), Self::Email),
        (Self::Sms.name(), Self::Sms),
    ];

    /// The answer with a code to the challenge for this factor.
    pub const fn answer(self, code: Secret) -> ChallengeAnswer {
        match self {
            Self::Totp => ChallengeAnswer::SoftwareToken(code),
            Self::Email => ChallengeAnswer::EmailCode(code),
            Self::Sms => ChallengeAnswer::SmsCode(code),
        }
    }

    /// Codes that are sent to this kind of address.
    pub const fn sent_to(contact: Contact) -> Self {
        match contact {
            Contact::Email => Self::Email,
            Contact::PhoneNumber => Self::Sms,
        }
    }

    /// Cognito's name of the factor.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Totp => "SOFTWARE_TOKEN_MFA",
            Self::Email => "EMAIL_OTP",
            Self::Sms => "SMS_MFA",
        }
    }
}

/// A first factor of `USER_AUTH`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FirstChoice {
    /// The password, proven by SRP.
    PasswordSrp,
    /// The password, sent.
    Password,
    /// A code by e-mail.
    EmailOtp,
    /// A code by text message.
    SmsOtp,
}

impl FirstChoice {
    /// Codes that are sent to this kind of address.
    pub const fn sent_to(contact: Contact) -> Self {
        match contact {
            Contact::Email => Self::EmailOtp,
            Contact::PhoneNumber => Self::SmsOtp,
        }
    }
}

/// A user's second factors, in short.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MfaSummary {
    /// Whether the pool asks this user for one at every sign-in.
    pub required: bool,
    /// Whether an authenticator app is verified and enabled.
    pub totp: bool,
    /// Whether codes by e-mail are enabled.
    pub email: bool,
    /// Whether codes by text message are enabled.
    pub sms: bool,
    /// The one asked for first.
    pub preferred: Option<Factor>,
}

impl MfaSummary {
    /// The same of a user who has just set up an authenticator app, which is asked for first.
    #[must_use]
    pub const fn with_app(self) -> Self {
        Self { required: true, totp: true, preferred: Some(Factor::Totp), ..self }
    }
}

/// Who a user is, as of now.
#[derive(Clone, Debug)]
pub struct Profile {
    /// The immutable id.
    pub sub: Sub,
    /// The canonical username.
    pub username: Username,
    /// Attributes, without `sub`.
    pub attributes: Attributes,
    /// Names of the user's groups, in the order of tokens.
    pub groups: Vec<GroupName>,
    /// The partners that these groups stand for, in any order; `None` if nobody has looked.
    pub partners: Option<Vec<Partner>>,
    /// Second factors.
    pub mfa: MfaSummary,
    /// Whether the e-mail address is verified and, as far as the pool can tell, nobody but its
    /// owner knows what the user signs in with.
    pub owns_email: bool,
}

impl Profile {
    /// The e-mail address, if the user is its owner.
    pub fn owned_email(&self) -> Option<&str> {
        self.attributes.get("email").filter(|_| self.owns_email)
    }
}

/// Who makes a call, as a checked access token says.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The pool.
    pub pool: PoolId,
    /// The user.
    pub sub: Sub,
    /// The canonical username.
    pub username: Username,
    /// The app client the token was issued to.
    pub client: ClientId,
    /// The sign-in, if the client's tokens name it.
    pub session: Option<SessionId>,
    /// The device the token was issued to, if the pool tracks them.
    pub device_key: Option<DeviceKey>,
    /// `cognito:groups` of the token, in its order.
    pub groups: Vec<GroupName>,
    /// When the token expires.
    pub expires_at: Timestamp,
    /// The tenant that the token was issued for, if the sign-in was a tenant's.
    pub tenant: Option<TenantId>,
}
