use crate::backend::entry_policy::EntryPolicy;
use crate::backend::user_pool::{ClientProof, DevicePair, Outcome, SignIn, Via};
use crate::change::Change;
use crate::crypto::credentials::Credentials;
use crate::crypto::seal::Sealed;
use crate::crypto::secret::Secret;
use crate::entity::{AppClient, AuthFlow, Kind, User, UserPoolRecord};
use crate::error::{Refusal, Result};
use crate::ids::{ClientId, DeviceKey, PoolId, is_machine_secret};
use crate::local::Local;
use crate::local::client_proof::hashed_names;
use crate::local::commit::{AttemptMemo, Plan};
use crate::local::sign_in::completion::decided;
use crate::password::MAX_LENGTH;
use crate::ports::Verified;
use crate::request::RequestContext;
use crate::sign_in::{Attempt, DeviceClaim, Progress, decide_password};

/// A password sign-in, whoever sends it.
#[derive(Clone, Debug)]
pub struct PasswordSignIn {
    /// Through which app client the call comes.
    pub via: Via,
    /// `UserPassword` or `AdminUserPassword`, or `UserAuth` where the user chose it.
    pub flow: AuthFlow,
    /// Username or alias, as typed; where addresses take the username's place, the `sub`, too.
    pub username: String,
    /// The password, as typed.
    pub password: Secret,
    /// The device that the client names (`DEVICE_KEY`).
    pub device_key: Option<DeviceKey>,
    /// The device that an earlier sign-in was remembered on, as the caller says.
    pub remembered: Option<DevicePair>,
    /// Who may come in.
    pub entry_policy: EntryPolicy,
}

impl PasswordSignIn {
    pub(in crate::local) fn trusted(command: SignIn) -> Self {
        let SignIn { via, username, password, device: remembered, entry_policy } = command;
        let (flow, device_key) = (AuthFlow::AdminUserPassword, None);
        Self { via, flow, username, password, device_key, remembered, entry_policy }
    }
}

impl Local {
    /// Checks a password and begins, or completes, a sign-in.
    ///
    /// # Errors
    ///
    /// [`Refusal::PoolNotFound`], [`Refusal::ClientNotFound`], [`Refusal::FlowNotEnabled`];
    /// [`Refusal::SecretHashMissing`], [`Refusal::SecretHashWrong`],
    /// [`Refusal::ClientSecretWrong`]; [`Refusal::BadCredentials`]; [`Refusal::LockedOut`] and
    /// [`Refusal::UserNotFound`] through clients that do not hide users; once the password is
    /// proven, [`Refusal::UserDisabled`], [`Refusal::Barred`], [`Refusal::External`],
    /// [`Refusal::PartnerSuspended`], [`Refusal::DeviceNotFound`], [`Refusal::UserNotConfirmed`],
    /// [`Refusal::PasswordResetRequired`], [`Refusal::TemporaryPasswordExpired`];
    /// [`Refusal::Busy`]; faults on our side.
    pub async fn password_sign_in(
        &self,
        request: &RequestContext,
        command: PasswordSignIn,
    ) -> Result<Outcome> {
        self.password_sign_in_with(request, command, None).await
    }

    /// The same, and a change that goes with its success.
    pub(in crate::local) async fn password_sign_in_with(
        &self,
        request: &RequestContext,
        command: PasswordSignIn,
        then: Option<Change>,
    ) -> Result<Outcome> {
        let (pool, client) = self.client_in(request, &command.via).await?;
        if !client.allows(command.flow) {
            return Err(Refusal::FlowNotEnabled(flow_name(command.flow)).into());
        }
        let compared = AttemptMemo::default();
        self.decide(request, || async {
            let mut plan = self.plan_sign_in(request, &pool, &client, &command, &compared).await?;
            if plan.result.is_ok() {
                plan.changes.extend(then.clone());
            }
            self.with_tokens(request, self.context(&pool, &client), plan).await
        })
        .await
    }

    async fn plan_sign_in(
        &self,
        request: &RequestContext,
        pool: &UserPoolRecord,
        client: &AppClient,
        command: &PasswordSignIn,
        compared: &AttemptMemo<Option<Sealed>, Verified>,
    ) -> Result<Plan<Progress>> {
        let entry_policy = &self.entry_policy(&command.entry_policy, client);
        let found = self.find_candidate(request, pool, &command.username, entry_policy).await?;
        let candidate = found.candidate;
        let user = candidate.as_ref().map(|candidate| &candidate.user);
        let names = (command.username.as_str(), command.username.as_str());
        self.check_proof_of((pool, client), &command.via.proof, names, user)?;
        let counted = entry_policy.counted_name(&command.username);
        let lockout = self.lockout_of(pool, &counted, user).await?;
        let hash = user.and_then(|user| user.password.clone());
        // Nobody waits for a hash whose result will not be looked at, but where a quick answer would
        // tell that other names or faces led to the same user. Whether it may be a machine's is seen
        // by what was sent alone, or else the time would tell machines from people.
        let locked = lockout.locked_until(self.now());
        let may_be_machine = is_machine_secret(&command.password);
        if let Some(until) = locked.filter(|_| !may_be_machine && !client.hides_users) {
            return Ok(Plan::refuse(Refusal::LockedOut { until }));
        }
        // It need not be compared again while the hash stays.
        let compare = self.compare(&command.password, user, hash.as_ref());
        let Verified { matches, outdated } = compared.get(hash.clone(), compare).await?;
        let is_machine = user.is_some_and(|user| user.kind == Kind::Service);
        let matches = matches && (locked.is_none() || is_machine);
        let outdated = user.filter(|_| matches && outdated).cloned();
        let context = self.context(pool, client);
        let by_client = matches!(command.flow, AuthFlow::UserPassword | AuthFlow::UserAuth);
        let tracked = by_client && command.via.pool.is_none();
        let claim = DeviceClaim::of(pool, tracked, command.device_key.as_ref());
        let mut candidate = self.with_device(&pool.id, candidate, claim).await?;
        // What nobody is told before the password was right is not looked up before.
        if let Some(found) = candidate.take_if(|_| matches) {
            let mut found = self.with_entry_facts(found, entry_policy).await?;
            if let Some(pair) = &command.remembered {
                found.is_trusted = self.is_trusted(client, &found.user, pair).await?;
            }
            candidate = Some(found);
        }
        let attempt = Attempt { candidate, matches, lockout, entry_policy };
        let decision = decide_password(context, attempt);
        let mut plan = decided(request, decision);
        if let Some(user) = outdated.filter(|_| plan.result.is_ok()) {
            plan.changes.push(self.rehash(user, &command.password).await?);
        }
        Ok(plan)
    }

    /// The client that a call comes through, in the pool that the caller names, if it names one.
    pub(in crate::local) async fn client_in(
        &self,
        request: &RequestContext,
        via: &Via,
    ) -> Result<(UserPoolRecord, AppClient)> {
        self.client_of(request, &via.client, via.pool.as_ref()).await
    }

    /// The client, in this pool if one is named.
    pub(in crate::local) async fn client_of(
        &self,
        request: &RequestContext,
        id: &ClientId,
        pool: Option<&PoolId>,
    ) -> Result<(UserPoolRecord, AppClient)> {
        let Some(pool) = pool else { return self.client(request, id).await };
        let pool = self.pool(request, pool).await?;
        let client = self.store().client(id).await?.filter(|client| client.pool == pool.id);
        let client = client.ok_or_else(|| Refusal::ClientNotFound(id.clone()))?;
        request.note_client(&pool.id, &client.id);
        Ok((pool, client))
    }

    /// Compares the password with the user's hash, or with a decoy: the work is the same. A text
    /// that is too long for any password is never hashed; an empty one is in its place.
    async fn compare(
        &self,
        password: &Secret,
        user: Option<&User>,
        hash: Option<&Sealed>,
    ) -> Result<Verified> {
        let phc = match (user, hash) {
            (Some(user), Some(hash)) => Credentials::open(user, hash, self.sealer())?.hash,
            _ => self.decoy.open(self.sealer())?,
        };
        let is_possible = password.expose().chars().nth(MAX_LENGTH).is_none();
        let password = if is_possible { password.clone() } else { Secret::from("") };
        let verified = self.parts.workers.verify(password, phc).await?;
        let matches = verified.matches && hash.is_some() && is_possible;
        Ok(Verified { matches, ..verified })
    }
}

impl Local {
    /// Checks a proof of the client's secret: by the name that is sent, and by those of the user that
    /// the other name has led to, at the beginning of the sign-in. Clients hash the username that
    /// they were told, so that nobody's counts like a user's.
    pub(in crate::local) fn check_proof_of(
        &self,
        (pool, client): (&UserPoolRecord, &AppClient),
        proof: &ClientProof,
        (sent, begun_with): (&str, &str),
        user: Option<&User>,
    ) -> Result<()> {
        let invented = self.invented_username(pool, begun_with);
        let mut names = hashed_names(sent, user);
        if user.is_none() {
            // As many as a user has, so that it takes as long.
            names.extend([invented.as_str(); 2]);
        }
        self.check_proof(client, proof, &names)
    }
}

fn flow_name(flow: AuthFlow) -> &'static str {
    match flow {
        AuthFlow::AdminUserPassword => "ADMIN_USER_PASSWORD_AUTH",
        AuthFlow::UserPassword => "USER_PASSWORD_AUTH",
        AuthFlow::UserSrp => "USER_SRP_AUTH",
        AuthFlow::Custom => "CUSTOM_AUTH",
        AuthFlow::UserAuth => "USER_AUTH",
        AuthFlow::RefreshToken => "REFRESH_TOKEN_AUTH",
    }
}
