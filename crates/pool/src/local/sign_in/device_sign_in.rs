use crate::backend::entry_policy::EntryPolicy;
use crate::backend::user_pool::{ChallengeKind, Outcome, Via};
use crate::change::Change;
use crate::crypto::seal::{Context, SealPurpose};
use crate::crypto::secret::Secret;
use crate::crypto::srp::{Claim, client_value};
use crate::error::{Invalid, Refusal, Result};
use crate::ids::{DeviceKey, PoolId, Sub, Username};
use crate::local::Local;
use crate::local::client_proof::hashed_names;
use crate::local::commit::Plan;
use crate::local::names::is_called;
use crate::local::sign_in::completion::decided;
use crate::request::RequestContext;
use crate::sign_in::{
    Candidate, DecisionContext, DeviceClaim, Pending, PendingDeviceProof, PendingProof, Progress,
    decide_device_proof,
};

/// The answer to `DEVICE_SRP_AUTH`.
#[derive(Clone, Debug)]
pub struct DeviceSrp {
    /// Through which app client the call comes.
    pub via: Via,
    /// Whose device it is.
    pub username: String,
    /// The session that came with the challenge. Clients that send none must have proven the
    /// password with SRP, and must send the same `SRP_A` again.
    pub session: Option<Secret>,
    /// The device.
    pub device_key: DeviceKey,
    /// The client's public value, in hexadecimal digits.
    pub srp_a: String,
}

/// What the device needs to compute its proof (`DEVICE_PASSWORD_VERIFIER`).
#[derive(Clone, Debug)]
pub struct DeviceChallenge {
    /// `SALT`, in hexadecimal digits.
    pub salt: String,
    /// `SRP_B`, in hexadecimal digits.
    pub srp_b: String,
    /// `SECRET_BLOCK`, in base64.
    pub secret_block: Secret,
    /// The device.
    pub device_key: DeviceKey,
    /// `USERNAME`.
    pub username: Username,
}

/// The answer to `DEVICE_PASSWORD_VERIFIER`.
#[derive(Clone, Debug)]
pub struct DeviceProof {
    /// Through which app client the call comes.
    pub via: Via,
    /// Whose device it is.
    pub username: String,
    /// The device.
    pub device_key: DeviceKey,
    /// `PASSWORD_CLAIM_SECRET_BLOCK`.
    pub secret_block: Secret,
    /// `PASSWORD_CLAIM_SIGNATURE`.
    pub signature: Secret,
    /// `TIMESTAMP`, signed as sent.
    pub timestamp: String,
}

impl Local {
    /// Begins the proof of a remembered device, in a sign-in whose first factor was passed.
    ///
    /// # Errors
    ///
    /// [`Refusal::PoolNotFound`], [`Refusal::ClientNotFound`]; [`Refusal::SecretHashMissing`],
    /// [`Refusal::SecretHashWrong`], [`Refusal::ClientSecretWrong`]; [`Refusal::Invalid`]
    /// ([`Invalid::SrpValue`]); [`Refusal::ChallengeSessionInvalid`], for unknown names, too;
    /// [`Refusal::ChallengeSessionExpired`], [`Refusal::DeviceNotFound`]; faults on our side.
    pub async fn begin_device_srp(
        &self,
        request: &RequestContext,
        command: DeviceSrp,
    ) -> Result<DeviceChallenge> {
        let (pool, client) = self.client_in(request, &command.via).await?;
        let client_value =
            client_value(&command.srp_a).ok_or_else(|| Refusal::invalid(Invalid::SrpValue))?;
        let context = self.context(&pool, &client);
        let entry_policy = self.entry_policy(&EntryPolicy::default(), &client);
        let found = self.find_candidate(request, &pool, &command.username, &entry_policy).await?;
        let found = found.candidate;
        let user = found.as_ref().map(|candidate| &candidate.user);
        let names = (command.username.as_str(), command.username.as_str());
        self.check_proof_of((&pool, &client), &command.via.proof, names, user)?;
        // A name that leads to nobody costs the same and is refused alike.
        let sub = user.map_or_else(|| Sub::from(&*command.username), |user| user.sub.clone());
        let key = &command.device_key;
        let session = match command.session {
            Some(session) => session,
            None => self.find_session(context, (&sub, key), &client_value).await?,
        };
        let found = found.ok_or(Refusal::ChallengeSessionInvalid)?;
        let pending = Pending::open(&client, &session, self.sealer(), context.now)?;
        pending.check_face(&entry_policy)?;
        if pending.sub != found.user.sub || pending.device != DeviceClaim::Named(key.clone()) {
            return Err(Refusal::ChallengeSessionInvalid.into());
        }
        let candidate = self.with_device_of(found, &pending).await?;
        let proof = PendingDeviceProof::begin(context, pending, &candidate, client_value)?;
        let (salt, srp_b) = proof.values();
        let (secret_block, device_key) = (proof.seal(context), command.device_key);
        let username = candidate.user.username;
        Ok(DeviceChallenge { salt, srp_b, secret_block, device_key, username })
    }

    /// Completes the sign-in.
    ///
    /// # Errors
    ///
    /// [`Refusal::PoolNotFound`], [`Refusal::ClientNotFound`]; [`Refusal::SecretHashMissing`],
    /// [`Refusal::SecretHashWrong`], [`Refusal::ClientSecretWrong`]; [`Refusal::BadCredentials`],
    /// also if the secret block is too old; [`Refusal::LockedOut`]; [`Refusal::UserDisabled`],
    /// [`Refusal::Barred`], [`Refusal::PartnerSuspended`]; [`Refusal::DeviceNotFound`],
    /// [`Refusal::ChallengeSessionInvalid`], [`Refusal::ChallengeSessionSpent`];
    /// faults on our side.
    pub async fn prove_device(
        &self,
        request: &RequestContext,
        command: DeviceProof,
    ) -> Result<Outcome> {
        let (pool, client) = self.client_in(request, &command.via).await?;
        let block = &command.secret_block;
        let (proof, bytes) = PendingDeviceProof::open(&client, block, self.sealer(), self.now())?;
        let claim = Claim {
            signature: command.signature.expose(),
            secret_block: &bytes,
            timestamp: &command.timestamp,
        };
        let matches = proof.is_proven_by(&claim);
        self.decide(request, || async {
            let context = self.context(&pool, &client);
            let plan = self.plan_device_proof(request, context, &command, &proof, matches).await?;
            self.with_tokens(request, context, plan).await
        })
        .await
    }

    async fn plan_device_proof(
        &self,
        request: &RequestContext,
        context: DecisionContext<'_>,
        command: &DeviceProof,
        proof: &PendingDeviceProof,
        matches: bool,
    ) -> Result<Plan<Progress>> {
        let user = self.store().user(&context.pool.id, &proof.pending.sub).await?;
        let names = hashed_names(&command.username, user.as_ref());
        self.check_proof(context.client, &command.via.proof, &names)?;
        let user = user.ok_or(Refusal::BadCredentials)?;
        request.note_user(&user.sub);
        let is_own = is_called(context.pool, &user, &command.username);
        if !is_own || proof.pending.device != DeviceClaim::Named(command.device_key.clone()) {
            return Err(Refusal::BadCredentials.into());
        }
        let lockout = self.lockout_of(context.pool, "", Some(&user)).await?;
        let candidate = self.with_groups(user).await?;
        let candidate = self.with_device_of(candidate, &proof.pending).await?;
        let entry_policy = &self.entry_policy(&EntryPolicy::default(), context.client);
        proof.pending.check_face(entry_policy)?;
        let candidate = self.with_entry_facts(candidate, entry_policy).await?;
        let decision =
            decide_device_proof(context, proof, candidate, matches, &lockout, entry_policy)?;
        Ok(decided(request, decision))
    }

    /// The candidate on the device that a sign-in in progress is made with.
    pub(in crate::local) async fn with_device_of(
        &self,
        candidate: Candidate,
        pending: &Pending,
    ) -> Result<Candidate> {
        let candidate = Candidate { tenant: pending.tenant.clone(), ..candidate };
        let pool = candidate.user.pool.clone();
        let found = self.with_device(&pool, Some(candidate), pending.device.clone()).await?;
        Ok(found.ok_or(Refusal::ChallengeSessionInvalid)?)
    }

    /// The candidate on the device that the client names, which is looked for even if there is no
    /// candidate.
    pub(in crate::local) async fn with_device(
        &self,
        pool: &PoolId,
        candidate: Option<Candidate>,
        claim: DeviceClaim,
    ) -> Result<Option<Candidate>> {
        let user = candidate.as_ref().map(|candidate| &candidate.user);
        let sub = user.map_or_else(Sub::nobody, |user| user.sub.clone());
        let device = match &claim {
            DeviceClaim::Named(key) => self.store().device(pool, &sub, key).await?,
            DeviceClaim::Untracked | DeviceClaim::New => None,
        };
        Ok(candidate.map(|candidate| Candidate { claim, device, ..candidate }))
    }

    /// What keeps the session for a client that was just asked to prove its device and will not
    /// send it back.
    ///
    /// Some clients answer `DEVICE_SRP_AUTH` without the session (pycognito does). But a device's
    /// proof alone must not do: a tap on the shoulder of whoever has just typed the password would
    /// be enough for a thief of the device's secret. So the answer must show that it comes from
    /// where the password was proven a moment ago: such clients use one `SRP_A` for both
    /// exchanges, a number of over a thousand random bits that nobody else has seen. The session
    /// is kept under a name that is made of it, of the client, the user and the device.
    pub(in crate::local) fn kept_session(
        &self,
        context: DecisionContext<'_>,
        proof: &PendingProof,
        result: &Result<Progress, Refusal>,
    ) -> Option<Change> {
        let (Ok(Progress::Asked(challenge)), Some(sub)) = (result, &proof.sub) else {
            return None;
        };
        let ChallengeKind::DeviceSrp { key } = &challenge.kind else { return None };
        let name = self.session_name(context, (sub, key), proof.exchange.client_value());
        let sealing =
            Context { purpose: SealPurpose::KeptSession, pool: &context.pool.id, subject: &name };
        let session = self.sealer().seal_secret(sealing, &challenge.session, self.rng());
        let until = context.now.after(context.client.auth_session_validity);
        Some(Change::KeepSession { pool: context.pool.id.clone(), name, session, until })
    }

    async fn find_session(
        &self,
        context: DecisionContext<'_>,
        whose: (&Sub, &DeviceKey),
        client_value: &[u8],
    ) -> Result<Secret> {
        let name = self.session_name(context, whose, client_value);
        let kept = self.store().kept_session(&context.pool.id, &name).await?;
        let kept = kept.ok_or(Refusal::ChallengeSessionInvalid)?;
        let sealing =
            Context { purpose: SealPurpose::KeptSession, pool: &context.pool.id, subject: &name };
        Ok(self.sealer().open_secret(sealing, &kept)?)
    }

    fn session_name(
        &self,
        context: DecisionContext<'_>,
        (sub, key): (&Sub, &DeviceKey),
        client_value: &[u8],
    ) -> String {
        let zeros = client_value.iter().take_while(|byte| **byte == 0).count();
        let value = client_value.get(zeros..).unwrap_or_default();
        let subject = format!("{} {sub} {key} {value:02x?}", context.client.id);
        let (purpose, pool) = (SealPurpose::KeptSession, &context.pool.id);
        self.sealer().pseudonym(Context { purpose, pool, subject: &subject })
    }
}
