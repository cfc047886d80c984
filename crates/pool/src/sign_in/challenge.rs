use super::{Candidate, DecisionContext, DeviceClaim};
use crate::backend::entry_policy::EntryPolicy;
use crate::backend::user_pool::{Challenge, ChallengeKind};
use crate::change::Change;
use crate::crypto::seal::{Context, SealPurpose, Sealed, Sealer};
use crate::crypto::secret::Secret;
use crate::entity::{AppClient, Contact, Face, Spent, User, UserStatus};
use crate::error::Refusal;
use crate::ids::{ClientId, EventId, Sub, TenantId, random_uuid};
use crate::time::Timestamp;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use serde::{Deserialize, Serialize};

/// A sign-in that waits for an answer: the content of a challenge session. It lives nowhere but
/// in the sealed `Session` the caller holds; only its being spent is stored.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Pending {
    /// Its id, under which it is spent.
    pub id: String,
    /// Whose sign-in it is.
    pub sub: Sub,
    /// The event of authentication, the same through all steps.
    pub event: EventId,
    /// What of the user the first factor was proven against.
    #[serde(rename = "standing")]
    pub credential_epoch: CredentialEpoch,
    /// What was asked.
    pub step: PendingStep,
    /// What was said of the device it is made with.
    pub device: DeviceClaim,
    /// The tenant it is made for.
    #[serde(default)]
    pub tenant: Option<TenantId>,
    /// The face it is made at. `None` for those from before this was noted.
    #[serde(default, rename = "door")]
    pub face: Option<Face>,
    /// When it can no longer be answered.
    pub expires_at: Timestamp,
}

/// When the user's password was set and the user last signed out everywhere. A sign-in that began
/// before either is as dead as the tokens of that time: whoever resets a password or signs out
/// everywhere means to shut out who is half-way in, too.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CredentialEpoch {
    password_set_at: Timestamp,
    signed_out_at: Option<Timestamp>,
}

impl CredentialEpoch {
    pub(super) fn of(user: &User) -> Self {
        Self { password_set_at: user.password_set_at, signed_out_at: user.signed_out_at }
    }
}

/// What a pending sign-in waits for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum PendingStep {
    /// A new password.
    NewPassword,
    /// A proof of the remembered device that the sign-in is made with.
    Device,
    /// Which second factor to go on with.
    SelectMfa,
    /// A code of the authenticator app.
    SoftwareToken,
    /// The code that was sent.
    SentCode {
        /// To what kind of address.
        contact: Contact,
        /// The code.
        code: Secret,
        /// Where it went: it proves this address and no other.
        address: String,
    },
    /// An authenticator app to be set up: nothing handed out yet.
    Setup,
    /// An authenticator app to be set up: this key was handed out.
    SetupKey(Secret),
    /// The code that was mailed to the address that shall become the second factor.
    SetupEmail {
        /// The code.
        code: Secret,
        /// The address.
        address: String,
    },
    /// An authenticator app was set up and proven.
    SetupProven {
        /// The proven key.
        key: Secret,
    },
}

impl PendingStep {
    /// Whether the answer is a second factor's, of one that was set up before.
    pub const fn is_second_factor(&self) -> bool {
        matches!(self, Self::SoftwareToken | Self::SentCode { .. })
    }

    /// The state in which a user can be asked this.
    pub fn status(&self) -> UserStatus {
        match self {
            Self::NewPassword => UserStatus::ForceChangePassword,
            Self::Device
            | Self::SelectMfa
            | Self::SoftwareToken
            | Self::SentCode { .. }
            | Self::Setup
            | Self::SetupKey(_)
            | Self::SetupEmail { .. }
            | Self::SetupProven { .. } => UserStatus::Confirmed,
        }
    }
}

impl Pending {
    /// The client a session says it belongs to. It says whose key to try and nothing more.
    ///
    /// # Errors
    ///
    /// [`Refusal::ChallengeSessionInvalid`] if it does not have the form of a session.
    pub fn client(session: &Secret) -> Result<ClientId, Refusal> {
        split(session).map(|(client, _)| client)
    }

    /// Opens a session of this client. Whether it was spent shows when the answer is committed.
    ///
    /// # Errors
    ///
    /// [`Refusal::ChallengeSessionInvalid`] if it is forged, of another kind or of another client,
    /// [`Refusal::ChallengeSessionExpired`].
    pub fn open(
        client: &AppClient,
        session: &Secret,
        sealer: &Sealer,
        now: Timestamp,
    ) -> Result<Self, Refusal> {
        let (named, sealed) = split(session)?;
        if named != client.id {
            return Err(Refusal::ChallengeSessionInvalid);
        }
        let pending: Self = sealer
            .open_record(sealing(client), &sealed)
            .map_err(|_| Refusal::ChallengeSessionInvalid)?;
        let is_live = pending.expires_at.is_ahead(now, client.auth_session_validity);
        if is_live { Ok(pending) } else { Err(Refusal::ChallengeSessionExpired) }
    }

    /// Whether the first factor that was proven is still worth anything.
    pub fn stands_for(&self, user: &User) -> bool {
        self.credential_epoch == CredentialEpoch::of(user)
    }

    /// Refuses an answer at another face, or for another tenant, than the sign-in began with.
    ///
    /// # Errors
    ///
    /// [`Refusal::ChallengeSessionInvalid`].
    pub fn check_face(&self, entry_policy: &EntryPolicy) -> Result<(), Refusal> {
        let is_here = self.face.is_none_or(|face| face == entry_policy.face);
        if is_here && self.tenant == entry_policy.tenant {
            Ok(())
        } else {
            Err(Refusal::ChallengeSessionInvalid)
        }
    }

    /// The same sign-in, one step on, as a session of its own.
    #[must_use]
    pub fn next(&self, step: PendingStep, context: DecisionContext<'_>) -> Self {
        Self { id: random_uuid(context.rng), step, ..self.clone() }
    }

    /// The sealed `Session`. The client's id stands before it in clear, since some operations
    /// take a session without saying whose it is.
    pub fn seal(&self, context: DecisionContext<'_>) -> Secret {
        let sealed = context.sealer.seal_record(sealing(context.client), self, context.rng);
        let parts = [context.client.id.as_str().as_bytes(), b".", sealed.as_bytes()];
        Secret::new(BASE64.encode(parts.concat()))
    }

    /// The change that lets this session be used no more.
    pub fn spend(&self, client: &AppClient) -> Change {
        let until = super::remembered(self.expires_at);
        let spent = Spent::ChallengeSession(self.id.clone());
        Change::Spend { pool: client.pool.clone(), spent, until }
    }
}

/// Asks a candidate something.
pub(super) fn ask(
    context: DecisionContext<'_>,
    candidate: &Candidate,
    event: EventId,
    step: PendingStep,
    kind: ChallengeKind,
) -> Challenge {
    let pending = Pending {
        id: random_uuid(context.rng),
        sub: candidate.user.sub.clone(),
        event,
        credential_epoch: CredentialEpoch::of(&candidate.user),
        step,
        device: candidate.claim.clone(),
        tenant: candidate.tenant.clone(),
        face: Some(candidate.face),
        expires_at: context.now.after(context.client.auth_session_validity),
    };
    Challenge {
        kind,
        session: pending.seal(context),
        username: candidate.user.username.clone(),
        mfa: super::mfa::summary(context.pool, &candidate.user),
    }
}

fn split(session: &Secret) -> Result<(ClientId, Sealed), Refusal> {
    let invalid = || Refusal::ChallengeSessionInvalid;
    let mut client = BASE64.decode(session.expose()).map_err(|_| invalid())?;
    let dot = client.iter().position(|byte| *byte == b'.').ok_or_else(invalid)?;
    let sealed = client.split_off(dot + 1);
    client.truncate(dot);
    let client = String::from_utf8(client).map_err(|_| invalid())?;
    Ok((ClientId::new(client), Sealed::from_bytes(sealed)))
}

fn sealing(client: &AppClient) -> Context<'_> {
    Context {
        purpose: SealPurpose::ChallengeSession,
        pool: &client.pool,
        subject: client.id.as_str(),
    }
}
