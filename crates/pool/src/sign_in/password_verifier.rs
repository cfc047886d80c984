use super::{Attempt, Candidate, CredentialEpoch, Decision, DecisionContext, decide_password};
use crate::change::Change;
use crate::crypto::credentials::srp_identity;
use crate::crypto::seal::{Context, SealPurpose, Sealed, Sealer};
use crate::crypto::secret::Secret;
use crate::crypto::srp::{Claim, Exchange};
use crate::entity::{AppClient, Spent};
use crate::error::Refusal;
use crate::ids::{DeviceKey, Sub, Username, random_uuid};
use crate::time::Timestamp;
use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How long a client may take to compute its proof. Slow phones need seconds.
const LIFE: Duration = Duration::from_mins(2);

/// A password about to be proven: the content of a `SECRET_BLOCK`. Like a challenge session it
/// lives nowhere but in the sealed value the caller holds.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PendingProof {
    id: String,
    /// Whose password it is; `None` if the name leads to nobody and the exchange is for show.
    pub sub: Option<Sub>,
    /// The name as it was typed.
    pub name: String,
    /// `USER_ID_FOR_SRP`.
    pub user_id: Username,
    /// What must not have changed meanwhile: a proof of an older password counts for nothing.
    #[serde(rename = "standing")]
    credential_epoch: Option<CredentialEpoch>,
    /// The server's half of the exchange.
    pub exchange: Exchange,
    /// The device that the client named at the beginning.
    pub device: Option<DeviceKey>,
    expires_at: Timestamp,
}

impl PendingProof {
    /// Begins to wait for the proof of a candidate's password, or of nobody's.
    pub fn new(
        context: DecisionContext<'_>,
        candidate: Option<&Candidate>,
        (name, user_id): (String, Username),
        exchange: Exchange,
        device: Option<DeviceKey>,
    ) -> Self {
        Self {
            id: random_uuid(context.rng),
            sub: candidate.map(|candidate| candidate.user.sub.clone()),
            name,
            user_id,
            credential_epoch: candidate.map(|candidate| CredentialEpoch::of(&candidate.user)),
            exchange,
            device,
            expires_at: context.now.after(LIFE),
        }
    }

    /// The `SECRET_BLOCK`.
    pub fn seal(&self, context: DecisionContext<'_>) -> Secret {
        let sealed = context.sealer.seal_record(sealing(context.client), self, context.rng);
        Secret::new(BASE64.encode(sealed.as_bytes()))
    }

    /// Opens a `SECRET_BLOCK` that this client was given a moment ago, with its bytes. What is
    /// wrong with one is told no more than what is wrong with a password.
    ///
    /// # Errors
    ///
    /// [`Refusal::BadCredentials`] if the block is forged, of another client or too old.
    pub fn open(
        client: &AppClient,
        block: &Secret,
        sealer: &Sealer,
        now: Timestamp,
    ) -> Result<(Self, Vec<u8>), Refusal> {
        let bytes = BASE64.decode(block.expose()).map_err(|_| Refusal::BadCredentials)?;
        let sealed = Sealed::from_bytes(bytes.clone());
        let pending: Self =
            sealer.open_record(sealing(client), &sealed).map_err(|_| Refusal::BadCredentials)?;
        let is_live = pending.expires_at.is_ahead(now, LIFE);
        if is_live { Ok((pending, bytes)) } else { Err(Refusal::BadCredentials) }
    }

    /// Whether a claim proves the password this waits for.
    pub fn is_proven_by(&self, client: &AppClient, claim: &Claim<'_>) -> bool {
        self.exchange.is_proven_by(srp_identity(&client.pool, &self.user_id), claim)
    }
}

fn sealing(client: &AppClient) -> Context<'_> {
    Context { purpose: SealPurpose::SecretBlock, pool: &client.pool, subject: client.id.as_str() }
}

/// Decides on a proof as on a password. A `SECRET_BLOCK` is good for one sign-in.
pub fn decide_password_claim(
    context: DecisionContext<'_>,
    pending: &PendingProof,
    attempt: Attempt<'_>,
) -> Decision {
    let credential_epoch =
        attempt.candidate.as_ref().map(|candidate| CredentialEpoch::of(&candidate.user));
    let matches =
        attempt.matches && pending.sub.is_some() && credential_epoch == pending.credential_epoch;
    let mut decision = decide_password(context, Attempt { matches, ..attempt });
    if decision.result.is_ok() {
        let until = super::remembered(pending.expires_at);
        let spent = Spent::SecretBlock(pending.id.clone());
        decision.changes.push(Change::Spend { pool: context.pool.id.clone(), spent, until });
    }
    decision
}
