use super::{
    Candidate, CredentialEpoch, Decision, DecisionContext, after_first_factor, settle_lockout,
};
use crate::backend::entry_policy::EntryPolicy;
use crate::change::Change;
use crate::crypto::seal::{Context, SealPurpose, Sealed, Sealer};
use crate::crypto::secret::Secret;
use crate::entity::{AppClient, Spent, User};
use crate::error::Refusal;
use crate::ids::{Sub, random_uuid};
use crate::limits::lockout::Lockout;
use crate::time::Timestamp;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use serde::{Deserialize, Serialize};

/// A sign-up that its maker still holds: the content of the `Session` of `SignUp`, and, once the
/// code was right, of `ConfirmSignUp`. It lives nowhere else.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FreshSignUp {
    id: String,
    /// Whose sign-up it is.
    pub sub: Sub,
    /// What must not have changed meanwhile.
    #[serde(rename = "standing")]
    credential_epoch: CredentialEpoch,
    /// Whether who holds this has confirmed it.
    confirmed: bool,
    expires_at: Timestamp,
}

impl FreshSignUp {
    /// Of a user who is about to be made.
    pub fn begin(context: DecisionContext<'_>, user: &User) -> Self {
        Self {
            id: random_uuid(context.rng),
            sub: user.sub.clone(),
            credential_epoch: CredentialEpoch::of(user),
            confirmed: false,
            expires_at: context.now.after(context.client.auth_session_validity),
        }
    }

    /// The same once its code was right: now it can be signed in with.
    #[must_use]
    pub fn confirm(self, context: DecisionContext<'_>) -> Self {
        let expires_at = context.now.after(context.client.auth_session_validity);
        Self { id: random_uuid(context.rng), confirmed: true, expires_at, ..self }
    }

    /// The session that the caller gets.
    pub fn seal(&self, context: DecisionContext<'_>) -> Secret {
        let sealed = context.sealer.seal_record(sealing(context.client), self, context.rng);
        Secret::new(BASE64.encode(sealed.as_bytes()))
    }

    /// Opens a session of this client. One of another kind is no such session.
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
        let bytes =
            BASE64.decode(session.expose()).map_err(|_| Refusal::ChallengeSessionInvalid)?;
        let sealed = Sealed::from_bytes(bytes);
        let fresh: Self = sealer
            .open_record(sealing(client), &sealed)
            .map_err(|_| Refusal::ChallengeSessionInvalid)?;
        let is_live = fresh.expires_at.is_ahead(now, client.auth_session_validity);
        if is_live { Ok(fresh) } else { Err(Refusal::ChallengeSessionExpired) }
    }
}

fn sealing(client: &AppClient) -> Context<'_> {
    Context { purpose: SealPurpose::SignUp, pool: &client.pool, subject: client.id.as_str() }
}

/// Decides on a sign-in by a sign-up that was just confirmed. It stands in for the first factor and
/// for nothing else: a second one that is due is asked for.
pub fn decide_signed_up(
    context: DecisionContext<'_>,
    fresh: &FreshSignUp,
    candidate: Candidate,
    lockout: &Lockout,
    entry_policy: &EntryPolicy,
) -> Decision {
    if let Some(until) = lockout.locked_until(context.now) {
        return Decision::refuse(Refusal::LockedOut { until }, Vec::new());
    }
    if !fresh.confirmed || fresh.credential_epoch != CredentialEpoch::of(&candidate.user) {
        return Decision::refuse(Refusal::ChallengeSessionInvalid, Vec::new());
    }
    let unchanged = candidate.unchanged();
    let (result, mut changes) = after_first_factor(context, candidate, entry_policy);
    let spent = Spent::ChallengeSession(fresh.id.clone());
    let until = super::remembered(fresh.expires_at);
    changes.push(Change::Spend { pool: context.pool.id.clone(), spent, until });
    changes.extend([unchanged, settle_lockout(lockout, &result)]);
    Decision { result, changes, reason: None }
}
