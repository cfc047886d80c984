use crate::backend::entry_policy::EntryPolicy;
use crate::backend::user_pool::{Outcome, Via};
use crate::crypto::credentials::Credentials;
use crate::crypto::seal::{Context, SealPurpose};
use crate::crypto::secret::Secret;
use crate::crypto::srp::{Claim, Exchange, Verifier, client_value};
use crate::entity::{AppClient, AuthFlow, UserPoolRecord};
use crate::error::{Invalid, Refusal, Result};
use crate::ids::{DeviceKey, Username};
use crate::local::Local;
use crate::local::commit::Plan;
use crate::local::names::is_called;
use crate::local::sign_in::completion::decided;
use crate::request::RequestContext;
use crate::sign_in::{
    Attempt, Candidate, DeviceClaim, PendingProof, Progress, decide_password_claim,
};

/// The first step of `USER_SRP_AUTH`.
#[derive(Clone, Debug)]
pub struct SrpSignIn {
    /// Through which app client the call comes.
    pub via: Via,
    /// `UserSrp`, or `UserAuth` where the user chose it.
    pub flow: AuthFlow,
    /// Username or alias, as typed; where addresses take the username's place, the `sub`, too.
    pub username: String,
    /// The client's public value, in hexadecimal digits.
    pub srp_a: String,
    /// The device that the client names (`DEVICE_KEY`); what it names with its proof counts more.
    pub device_key: Option<DeviceKey>,
}

/// What the client needs to compute its proof.
#[derive(Clone, Debug)]
pub struct SrpChallenge {
    /// `SALT`, in hexadecimal digits.
    pub salt: String,
    /// `SRP_B`, in hexadecimal digits.
    pub srp_b: String,
    /// `SECRET_BLOCK`, in base64.
    pub secret_block: Secret,
    /// `USER_ID_FOR_SRP` and `USERNAME`.
    pub user_id: Username,
}

/// The second step: the proof.
#[derive(Clone, Debug)]
pub struct PasswordClaim {
    /// Through which app client the call comes.
    pub via: Via,
    /// Whose password is proven; must be a name of the user the exchange was begun for.
    pub username: String,
    /// `PASSWORD_CLAIM_SECRET_BLOCK`.
    pub secret_block: Secret,
    /// `PASSWORD_CLAIM_SIGNATURE`.
    pub signature: Secret,
    /// `TIMESTAMP`. It is signed as sent; the age that counts is the secret block's.
    pub timestamp: String,
    /// The device that the client names (`DEVICE_KEY`).
    pub device_key: Option<DeviceKey>,
}

impl Local {
    /// Begins a sign-in in which the password is proven without being sent. Names that lead to
    /// nobody get an exchange like any other, always with the same salt.
    ///
    /// # Errors
    ///
    /// [`Refusal::PoolNotFound`], [`Refusal::ClientNotFound`], [`Refusal::FlowNotEnabled`];
    /// [`Refusal::SecretHashMissing`], [`Refusal::SecretHashWrong`],
    /// [`Refusal::ClientSecretWrong`]; [`Refusal::Invalid`] ([`Invalid::SrpValue`]);
    /// [`Refusal::UserNotFound`] through clients that do not hide users; faults on our side.
    pub async fn begin_srp(
        &self,
        request: &RequestContext,
        command: SrpSignIn,
    ) -> Result<SrpChallenge> {
        let (pool, client) = self.client_in(request, &command.via).await?;
        if !client.allows(command.flow) {
            return Err(Refusal::FlowNotEnabled("USER_SRP_AUTH").into());
        }
        let client_value =
            client_value(&command.srp_a).ok_or_else(|| Refusal::invalid(Invalid::SrpValue))?;
        let entry_policy = self.entry_policy(&EntryPolicy::default(), &client);
        let found = self.find_candidate(request, &pool, &command.username, &entry_policy).await?;
        let candidate = found.candidate;
        let user = candidate.as_ref().map(|candidate| &candidate.user);
        let names = (command.username.as_str(), command.username.as_str());
        self.check_proof_of((&pool, &client), &command.via.proof, names, user)?;
        if user.is_none() && !client.hides_users {
            return Err(Refusal::UserNotFound.into());
        }
        let (user_id, verifier) = self.verifier(&pool, &command.username, candidate.as_ref())?;
        let exchange = Exchange::begin(verifier, client_value, self.rng());
        let (salt, srp_b) = (exchange.salt(), exchange.server_value());
        let context = self.context(&pool, &client);
        let names = (command.username, user_id.clone());
        // No device has a longer key; a name that is one is not carried along.
        let device = command.device_key.filter(|key| key.as_str().len() <= DeviceKey::MAX_LENGTH);
        let pending = PendingProof::new(context, candidate.as_ref(), names, exchange, device);
        Ok(SrpChallenge { salt, srp_b, secret_block: pending.seal(context), user_id })
    }

    /// Completes it, or goes on to the next challenge.
    ///
    /// # Errors
    ///
    /// [`Refusal::PoolNotFound`], [`Refusal::ClientNotFound`], [`Refusal::FlowNotEnabled`];
    /// [`Refusal::SecretHashMissing`], [`Refusal::SecretHashWrong`],
    /// [`Refusal::ClientSecretWrong`]; [`Refusal::BadCredentials`], also if the secret block is too
    /// old; [`Refusal::LockedOut`] and [`Refusal::UserNotFound`] through clients that do not hide
    /// users; once the password is proven, [`Refusal::UserDisabled`], [`Refusal::Barred`],
    /// [`Refusal::PartnerSuspended`], [`Refusal::DeviceNotFound`], [`Refusal::UserNotConfirmed`],
    /// [`Refusal::PasswordResetRequired`], [`Refusal::TemporaryPasswordExpired`],
    /// [`Refusal::ChallengeSessionSpent`]; faults on our side.
    pub async fn prove_password(
        &self,
        request: &RequestContext,
        command: PasswordClaim,
    ) -> Result<Outcome> {
        let (pool, client) = self.client_in(request, &command.via).await?;
        require_srp(&client)?;
        let block = &command.secret_block;
        let (pending, bytes) = PendingProof::open(&client, block, self.sealer(), self.now())?;
        let claim = Claim {
            signature: command.signature.expose(),
            secret_block: &bytes,
            timestamp: &command.timestamp,
        };
        let matches = pending.is_proven_by(&client, &claim);
        self.decide(request, || async {
            let plan =
                self.plan_claim(request, (&pool, &client), &command, &pending, matches).await?;
            self.with_tokens(request, self.context(&pool, &client), plan).await
        })
        .await
    }

    async fn plan_claim(
        &self,
        request: &RequestContext,
        (pool, client): (&UserPoolRecord, &AppClient),
        command: &PasswordClaim,
        pending: &PendingProof,
        matches: bool,
    ) -> Result<Plan<Progress>> {
        let found = self.candidate_of(request, pool, pending.sub.as_ref(), &pending.name).await?;
        let candidate = found.candidate;
        let user = candidate.as_ref().map(|candidate| &candidate.user);
        let names = (command.username.as_str(), pending.name.as_str());
        self.check_proof_of((pool, client), &command.via.proof, names, user)?;
        let lockout = self.lockout_of(pool, &pending.name, user).await?;
        let own = user.is_some_and(|user| is_called(pool, user, &command.username));
        let entry_policy = &self.entry_policy(&EntryPolicy::default(), client);
        // What nobody is told before the password was right is not looked up before.
        let is_looked_up = matches && own && lockout.locked_until(self.now()).is_none();
        let candidate = match candidate {
            Some(candidate) if is_looked_up => {
                Some(self.with_entry_facts(candidate, entry_policy).await?)
            }
            candidate => candidate,
        };
        let context = self.context(pool, client);
        let candidate = self.with_claimed_device(pool, candidate, command, pending).await?;
        let attempt = Attempt { candidate, matches: matches && own, lockout, entry_policy };
        let decision = decide_password_claim(context, pending, attempt);
        let mut plan = decided(request, decision);
        plan.changes.extend(self.kept_session(context, pending, &plan.result));
        Ok(plan)
    }

    /// The candidate with the device that comes with the proof, or else, if it is one of the
    /// user's, with the one that was named at the beginning: who was told that a device does not
    /// exist sends the same proof again and cannot take back that one.
    async fn with_claimed_device(
        &self,
        pool: &UserPoolRecord,
        candidate: Option<Candidate>,
        command: &PasswordClaim,
        pending: &PendingProof,
    ) -> Result<Option<Candidate>> {
        let tracked = command.via.pool.is_none();
        let named = command.device_key.as_ref().or(pending.device.as_ref());
        let claim = DeviceClaim::of(pool, tracked, named);
        let mut candidate = self.with_device(&pool.id, candidate, claim).await?;
        if command.device_key.is_none() {
            candidate.iter_mut().for_each(Candidate::forgive_unknown_device);
        }
        Ok(candidate)
    }

    /// The verifier that an exchange is begun with, and the name it is for. Users without a
    /// password are like names that lead to nobody: a sealed password of nobody is opened for them.
    fn verifier(
        &self,
        pool: &UserPoolRecord,
        name: &str,
        candidate: Option<&Candidate>,
    ) -> Result<(Username, Verifier)> {
        let user = candidate.map(|candidate| &candidate.user);
        // Both are made for everybody, so that it takes as long. The salt is that of the name that is
        // told: whoever begins again with it gets the same one, as users do.
        let invented = self.invented_username(pool, name);
        let username = user.map_or(invented, |user| user.username.clone());
        let key = pool.username_key(username.as_str());
        let sealing = Context { purpose: SealPurpose::UnknownName, pool: &pool.id, subject: &key };
        let decoy = Verifier::decoy(&self.sealer().pseudonym_bytes(sealing));
        let own = match user.and_then(|user| Some((user, user.password.as_ref()?))) {
            Some((user, password)) => Some(Credentials::open(user, password, self.sealer())?.srp),
            None => self.decoy.open(self.sealer()).map(|_| None)?,
        };
        Ok((username, own.unwrap_or(decoy)))
    }
}

fn require_srp(client: &AppClient) -> Result<(), Refusal> {
    if client.allows(AuthFlow::UserSrp) || client.allows(AuthFlow::UserAuth) {
        Ok(())
    } else {
        Err(Refusal::FlowNotEnabled("USER_SRP_AUTH"))
    }
}
