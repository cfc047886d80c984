//! The state of a sign-in between two challenges: Amazon's own session, and what our checks need.

use crate::amazon::Amazon;
use crate::sign_in::loaded_user::{LoadedUser, signed_in_user};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use poolkeeper_pool::backend::administration::UserDetails;
use poolkeeper_pool::backend::user_pool::ChallengeAnswer;
use poolkeeper_pool::crypto::seal::{Context, SealPurpose, Sealed};
use poolkeeper_pool::crypto::secret::Secret;
use poolkeeper_pool::entity::Contact;
use poolkeeper_pool::error::Refusal;
use poolkeeper_pool::ids::{ClientId, GroupName, Sub, TenantId, Username};
use serde::{Deserialize, Serialize};

/// A sign-in that waits for an answer. Amazon sees to it that it is answered once, and in time.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Pending {
    /// Amazon's session.
    pub(crate) session: Secret,
    /// The user.
    pub(crate) sub: Sub,
    /// The canonical username.
    pub(crate) username: Username,
    /// Every name that the user is called by.
    pub(crate) names: Vec<String>,
    /// Cognito's name of the challenge.
    pub(crate) challenge: String,
    /// The tenant that it is for.
    pub(crate) tenant: Option<TenantId>,
}

impl Pending {
    pub(crate) fn new(
        session: Secret,
        challenge: &str,
        known: &LoadedUser,
        tenant: Option<&TenantId>,
    ) -> Self {
        let user = &known.user;
        let aliases =
            Contact::ALL.into_iter().map(Contact::attribute).chain(["preferred_username"]);
        let names = aliases
            .filter_map(|name| user.attributes.get(name))
            .chain([user.username.as_str(), user.sub.as_str()]);
        Self {
            session,
            sub: user.sub.clone(),
            username: user.username.clone(),
            names: names.map(str::to_lowercase).collect(),
            challenge: challenge.to_owned(),
            tenant: tenant.cloned(),
        }
    }

    /// The next challenge of the same sign-in.
    pub(crate) fn then(&self, session: Secret, challenge: &str) -> Self {
        Self { session, challenge: challenge.to_owned(), ..self.clone() }
    }

    /// The user, who is in these groups, as far as the session knows.
    pub(crate) fn user_in(&self, groups: Vec<GroupName>) -> LoadedUser {
        let (sub, username) = (self.sub.clone(), self.username.clone());
        LoadedUser { user: UserDetails { sub, username, ..signed_in_user() }, groups }
    }

    /// Whether a name is one of this user's.
    pub(crate) fn is_called(&self, name: &str) -> bool {
        self.names.contains(&name.to_lowercase())
    }

    /// Whether this answers the challenge.
    pub(crate) fn takes(&self, answer: &ChallengeAnswer) -> bool {
        match answer {
            ChallengeAnswer::NewPassword { .. } => self.challenge == "NEW_PASSWORD_REQUIRED",
            ChallengeAnswer::SoftwareToken(_) => self.challenge == "SOFTWARE_TOKEN_MFA",
            ChallengeAnswer::EmailCode(_) => self.challenge == "EMAIL_OTP",
            ChallengeAnswer::SmsCode(_) => self.challenge == "SMS_MFA",
            ChallengeAnswer::MfaSetup | ChallengeAnswer::MfaSetupEmail(_) => {
                self.challenge == "MFA_SETUP"
            }
            ChallengeAnswer::MfaType(_) => self.challenge == "SELECT_MFA_TYPE",
        }
    }

    /// Whether the answer is a second factor's.
    pub(crate) fn is_second_factor(&self) -> bool {
        matches!(self.challenge.as_str(), "SOFTWARE_TOKEN_MFA" | "EMAIL_OTP" | "SMS_MFA")
    }
}

impl Amazon {
    pub(crate) fn seal_pending(&self, client: &ClientId, pending: &Pending) -> Secret {
        let context = self.context(SealPurpose::ForeignSession, client);
        let sealed = self.parts.sealer.seal_record(context, pending, self.parts.rng.as_ref());
        Secret::new(BASE64.encode(sealed.as_bytes()))
    }

    pub(crate) fn open_pending(
        &self,
        client: &ClientId,
        session: &Secret,
    ) -> Result<Pending, Refusal> {
        let bytes =
            BASE64.decode(session.expose()).map_err(|_| Refusal::ChallengeSessionInvalid)?;
        let context = self.context(SealPurpose::ForeignSession, client);
        let opened = self.parts.sealer.open_record(context, &Sealed::from_bytes(bytes));
        opened.map_err(|_| Refusal::ChallengeSessionInvalid)
    }

    pub(crate) fn context<'a>(&'a self, purpose: SealPurpose, client: &'a ClientId) -> Context<'a> {
        Context { purpose, pool: &self.settings.pool, subject: client.as_str() }
    }
}
