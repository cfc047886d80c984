//! What users do for themselves beside signing in, wherever the pool lives.

use crate::backend::user_pool::{Factor, Via};
use crate::crypto::secret::Secret;
use crate::entity::{Attributes, Contact};
use crate::error::{Error, Refusal, Result};
use crate::ids::{ClientId, GroupName, Sub};
use crate::message;
use crate::request::RequestContext;
use async_trait::async_trait;

/// A user pool as its users use it through a trusted server. Users who are named but not proven are
/// named by username, `sub` or alias.
#[async_trait]
pub trait SelfService: Send + Sync {
    /// Sends a code with which a forgotten password can be replaced (`ForgotPassword`).
    async fn forgot_password(
        &self,
        request: &RequestContext,
        client: &ClientId,
        username: &str,
    ) -> Result<Delivery>;

    /// Replaces a forgotten password by the code (`ConfirmForgotPassword`). It ends the user's
    /// sign-ins and forgets the user's devices.
    async fn confirm_forgot_password(
        &self,
        request: &RequestContext,
        client: &ClientId,
        username: &str,
        code: &Secret,
        password: &Secret,
    ) -> Result<()>;

    /// Makes an unconfirmed user and sends a code to the address that the pool verifies (`SignUp`).
    async fn register(&self, request: &RequestContext, new: Registration) -> Result<SignedUp>;

    /// Confirms a sign-up by its code (`ConfirmSignUp`).
    async fn confirm_registration(
        &self,
        request: &RequestContext,
        client: &ClientId,
        username: &str,
        code: &Secret,
    ) -> Result<()>;

    /// Replaces one's password, knowing the old one (`ChangePassword`).
    async fn change_password(
        &self,
        request: &RequestContext,
        access_token: &Secret,
        previous: &Secret,
        proposed: &Secret,
    ) -> Result<()>;

    /// Hands out a key for an authenticator app, base32 (`AssociateSoftwareToken`). An app that is
    /// in force stays so until the new one is proven.
    async fn associate_totp(
        &self,
        request: &RequestContext,
        access_token: &Secret,
    ) -> Result<Secret>;

    /// Checks that the app shows the codes of the key handed out (`VerifySoftwareToken`). It is
    /// asked for once it is enabled.
    async fn verify_totp(
        &self,
        request: &RequestContext,
        access_token: &Secret,
        code: &Secret,
        friendly_name: Option<String>,
    ) -> Result<()>;

    /// Checks the app as [`Self::verify_totp`] does, and has sign-ins ask for it first.
    async fn enrol_totp(
        &self,
        request: &RequestContext,
        access_token: &Secret,
        code: &Secret,
    ) -> Result<()>;

    /// Hands out a key in the middle of a sign-in, by the session of its `MFA_SETUP`, and the session
    /// to go on with.
    async fn associate_totp_by_session(
        &self,
        request: &RequestContext,
        session: &Secret,
    ) -> Result<(Secret, Secret)>;

    /// Checks the app in the middle of a sign-in. The session that comes back answers `MFA_SETUP`
    /// ([`crate::backend::user_pool::ChallengeAnswer::MfaSetup`]).
    async fn verify_totp_by_session(
        &self,
        request: &RequestContext,
        session: &Secret,
        code: &Secret,
        friendly_name: Option<String>,
    ) -> Result<Secret>;

    /// Switches one's second factors on or off as a whole, or prefers one (`GetUser` and
    /// `SetUserMFAPreference`). Where the pool insists on one they cannot be switched off.
    async fn switch_mfa(
        &self,
        request: &RequestContext,
        access_token: &Secret,
        switch: MfaSwitch,
    ) -> Result<()>;

    /// Enables, disables and prefers second factors of one's own (`SetUserMFAPreference`).
    async fn set_mfa_preference(
        &self,
        request: &RequestContext,
        access_token: &Secret,
        preference: MfaPreference,
    ) -> Result<()>;
}

/// The answer to a request for a code where nobody may learn who exists: sent, whoever was named.
///
/// # Errors
///
/// Refusals that say nothing of a user, and faults.
pub fn conceal_recipient(sent: Result<Delivery>) -> Result<()> {
    match sent {
        Ok(_)
        | Err(Error::Refused(
            Refusal::UserNotFound
            | Refusal::UserDisabled
            | Refusal::CannotResetPassword
            | Refusal::TriggerRefused
            | Refusal::Invalid(_),
        )) => Ok(()),
        Err(error) => Err(error),
    }
}

/// The answer to a given code where nobody may learn who exists. An unknown user counts as one who was
/// sent no code, for which the face answers `instead`.
///
/// # Errors
///
/// `instead` in place of [`Refusal::UserNotFound`]; all others as they are.
pub fn conceal_unknown(confirmed: Result<()>, instead: Refusal) -> Result<()> {
    match confirmed {
        Err(Error::Refused(Refusal::UserNotFound)) => Err(instead.into()),
        confirmed => confirmed,
    }
}

/// Somebody who becomes a user, with a password of the user's own.
#[derive(Clone, Debug)]
pub struct Registration {
    /// Through which app client the call comes.
    pub via: Via,
    /// The username; in pools where an attribute takes its place, that attribute's value.
    pub username: String,
    /// The password, which who can sign in by a code alone may do without.
    pub password: Option<Secret>,
    /// Attributes, without `sub`.
    pub attributes: Attributes,
    /// Groups that the user is in from the start.
    pub groups: Vec<GroupName>,
    /// Whether an administrator vouches for it: then it is possible in pools where nobody may sign
    /// up (`AllowAdminCreateUserOnly`).
    pub by_administrator: bool,
}

/// A user who is not confirmed yet.
#[derive(Clone, Debug)]
pub struct SignedUp {
    /// The new user's id.
    pub sub: Sub,
    /// Where a code went, if the pool verifies an address that was given.
    pub delivery: Option<Delivery>,
    /// With which to confirm and then sign in at once, through clients that may use `USER_AUTH`.
    pub session: Option<Secret>,
}

/// Where a code went, as the caller may know it (`CodeDeliveryDetails`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// What kind of address.
    pub contact: Contact,
    /// The masked address; of one case where the pool knows no other, or else its case would tell
    /// who stored it from who typed it.
    pub destination: String,
}

impl Delivery {
    /// To this address.
    pub fn to(contact: Contact, address: &str) -> Self {
        Self { contact, destination: message::mask(contact, address) }
    }
}

/// What is to become of a user's second factors. `None` leaves one as it is.
#[derive(Clone, Copy, Debug, Default)]
pub struct MfaPreference {
    /// The authenticator app.
    pub totp: Option<FactorSetting>,
    /// Codes by e-mail.
    pub email: Option<FactorSetting>,
    /// Codes by text message.
    pub sms: Option<FactorSetting>,
}

impl MfaPreference {
    /// This one is enabled and asked for first.
    pub const fn only(factor: Factor) -> Self {
        let setting = Some(FactorSetting { enabled: true, preferred: true });
        match factor {
            Factor::Totp => Self { totp: setting, email: None, sms: None },
            Factor::Email => Self { totp: None, email: setting, sms: None },
            Factor::Sms => Self { totp: None, email: None, sms: setting },
        }
    }
}

/// What is to become of a user's second factors as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MfaSwitch {
    /// None is asked for.
    Off,
    /// One is asked for: those that are switched on stay; if none is, the app or else the mailbox.
    On,
    /// This one is switched on and asked for first.
    Prefer(Factor),
}

/// What is to become of one second factor.
#[derive(Clone, Copy, Debug, Default)]
pub struct FactorSetting {
    /// Whether sign-ins ask for it.
    pub enabled: bool,
    /// Whether it is asked for first, in place of another one that was.
    pub preferred: bool,
}
