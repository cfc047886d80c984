//! Remembered devices: a proof of the device's own secret takes the place of a second factor.

use super::challenge::{self, Pending, PendingStep};
use super::mfa::{self, Demand};
use super::software_token::{accepted, failed};
use super::{Candidate, Decision, DecisionContext, decide_unseen};
use crate::backend::entry_policy::EntryPolicy;
use crate::backend::user_pool::{Challenge, ChallengeKind};
use crate::change::Change;
use crate::crypto::seal::{Context, SealPurpose, Sealed, Sealer};
use crate::crypto::secret::Secret;
use crate::crypto::srp::{Claim, Exchange, Identity, Verifier};
use crate::entity::{AppClient, Device};
use crate::error::{Fault, Refusal, Result};
use crate::ids::{DeviceKey, EventId};
use crate::limits::lockout::Lockout;
use crate::time::Timestamp;
use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How long a client may take to compute its proof.
const LIFE: Duration = Duration::from_mins(2);

/// The device that is asked to prove itself, if one is.
///
/// The pool's rule is that only new devices are asked for a second factor; then remembered ones are
/// asked for this, whether or not a second factor would be due: so `device_key` in tokens means
/// something. Without the rule devices are told apart, and replace nothing. A device never replaces
/// the set-up of a factor in pools that insist on one: it may have been remembered before they did.
pub(super) fn challenged<'a>(
    context: DecisionContext<'_>,
    candidate: &'a Candidate,
) -> Option<&'a Device> {
    let rules = context.pool.rules.devices?;
    let device = candidate.device.as_ref()?;
    let is_set_up = !matches!(mfa::demanded(context.pool, &candidate.user), Demand::Setup(_));
    (rules.challenge_required_on_new_device && device.remembered && is_set_up).then_some(device)
}

pub(super) fn ask(
    context: DecisionContext<'_>,
    candidate: &Candidate,
    event: EventId,
    key: DeviceKey,
) -> Challenge {
    challenge::ask(context, candidate, event, PendingStep::Device, ChallengeKind::DeviceSrp { key })
}

/// A device about to prove itself: the content of the `SECRET_BLOCK` of
/// `DEVICE_PASSWORD_VERIFIER`. It holds the whole sign-in, whose first factor was passed, so that
/// nothing else needs to come with the proof.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PendingDeviceProof {
    /// The sign-in.
    pub pending: Pending,
    /// The device, and its group's key.
    who: (DeviceKey, String),
    /// The server's half of the exchange.
    exchange: Exchange,
    expires_at: Timestamp,
}

impl PendingDeviceProof {
    /// Goes on with a sign-in that waits for the proof of a device.
    ///
    /// # Errors
    ///
    /// [`Refusal::ChallengeSessionInvalid`] if the sign-in does not wait for a device, or no longer
    /// does, [`Refusal::DeviceNotFound`] if the device was forgotten meanwhile. [`Fault::Damaged`]
    /// if its verifier does not open.
    pub fn begin(
        context: DecisionContext<'_>,
        pending: Pending,
        candidate: &Candidate,
        client_value: Vec<u8>,
    ) -> Result<Self> {
        if !(matches!(pending.step, PendingStep::Device) && pending.stands_for(&candidate.user)) {
            return Err(Refusal::ChallengeSessionInvalid.into());
        }
        let device = asked(context, candidate)?;
        let verifier = open_verifier(context, device)?;
        let exchange = Exchange::begin(verifier, client_value, context.rng);
        let who = (device.key.clone(), device.group_key.clone());
        Ok(Self { pending, who, exchange, expires_at: context.now.after(LIFE) })
    }

    /// The salt and the server's public value, both in hexadecimal digits.
    pub fn values(&self) -> (String, String) {
        (self.exchange.salt(), self.exchange.server_value())
    }

    /// Whether a claim proves the device's secret.
    pub fn is_proven_by(&self, claim: &Claim<'_>) -> bool {
        let (key, group) = &self.who;
        self.exchange.is_proven_by(Identity { realm: group, name: key.as_str() }, claim)
    }

    /// The `SECRET_BLOCK`.
    pub fn seal(&self, context: DecisionContext<'_>) -> Secret {
        let sealed = context.sealer.seal_record(sealing(context.client), self, context.rng);
        Secret::new(BASE64.encode(sealed.as_bytes()))
    }

    /// Opens a `SECRET_BLOCK` that this client was given a moment ago, with its bytes. What is
    /// wrong with one is told no more than what is wrong with a proof.
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
        let opened = sealer.open_record(sealing(client), &sealed);
        let proof: Self = opened.map_err(|_| Refusal::BadCredentials)?;
        let is_live = proof.expires_at.is_ahead(now, LIFE);
        if is_live { Ok((proof, bytes)) } else { Err(Refusal::BadCredentials) }
    }
}

fn sealing(client: &AppClient) -> Context<'_> {
    Context { purpose: SealPurpose::DeviceBlock, pool: &client.pool, subject: client.id.as_str() }
}

fn open_verifier(context: DecisionContext<'_>, device: &Device) -> Result<Verifier, Fault> {
    device.open_verifier(context.sealer).map_err(|_| Fault::Damaged("device"))
}

/// The device that still has to prove itself in this sign-in.
fn asked<'a>(
    context: DecisionContext<'_>,
    candidate: &'a Candidate,
) -> Result<&'a Device, Refusal> {
    if candidate.names_unknown_device() {
        return Err(Refusal::DeviceNotFound);
    }
    challenged(context, candidate).ok_or(Refusal::ChallengeSessionInvalid)
}

/// Decides on a device's proof, right or wrong as it is, which completes the sign-in. A wrong one
/// counts as a failed attempt; the user can always begin anew without the device, and is then asked
/// for the second factor.
///
/// # Errors
///
/// [`Fault::Damaged`] if the device's verifier does not open. Refusals are in the [`Decision`].
pub fn decide_device_proof(
    context: DecisionContext<'_>,
    proof: &PendingDeviceProof,
    candidate: Candidate,
    matches: bool,
    lockout: &Lockout,
    entry_policy: &EntryPolicy,
) -> Result<Decision, Fault> {
    let pending = &proof.pending;
    if let Some(unseen) = decide_unseen(context, pending, &candidate, lockout, entry_policy) {
        return Ok(unseen);
    }
    let device = match asked(context, &candidate) {
        Ok(device) => device,
        // Forgotten, or no longer remembered: nothing that goes on from here can help.
        Err(refusal) => {
            return Ok(Decision::refuse(refusal, vec![pending.spend(context.client)]));
        }
    };
    // A device that was forgotten and confirmed anew has another secret.
    let is_same = proof.exchange.began_with(&open_verifier(context, device)?);
    if !(matches && is_same) {
        return Ok(failed(context, pending, (&candidate.user, lockout), Refusal::BadCredentials));
    }
    let (pool, sub) = (device.pool.clone(), device.sub.clone());
    let (key, version) = (device.key.clone(), device.version);
    let mut decision = accepted(context, pending, candidate, lockout);
    decision.changes.push(Change::ExpectDevice { pool, sub, key, version });
    Ok(decision)
}
