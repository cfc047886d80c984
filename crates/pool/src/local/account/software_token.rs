use crate::backend::entry_policy::EntryPolicy;
use crate::backend::self_service::MfaPreference;
use crate::backend::user_pool::Factor;
use crate::change::Change;
use crate::crypto::secret::Secret;
use crate::crypto::totp;
use crate::entity::{AppClient, MfaMode, Totp, User, UserPoolRecord};
use crate::error::{Error, FactorFlaw, Refusal, Result};
use crate::ids::{ClientId, PoolId};
use crate::local::Local;
use crate::local::account::mfa_preference::set_preference;
use crate::local::commit::Plan;
use crate::local::directory::administrators::By;
use crate::request::RequestContext;
use crate::sign_in::{
    DecisionContext, Pending, associate, decide_unseen, prove_association, spend_code, totp_context,
};

/// How many bytes an app's name may have: it travels in sessions and comes with every challenge.
const LONGEST_NAME: usize = 1024;

impl Local {
    /// Hands out a key for an authenticator app (`AssociateSoftwareToken`). An app that is in force
    /// stays so until the new one is proven.
    pub(in crate::local) async fn associate_software_token(
        &self,
        request: &RequestContext,
        token: &Secret,
    ) -> Result<Secret> {
        let authorized = self.authorize_person(request, token).await?;
        require_mfa(&authorized.pool)?;
        let key = totp::random_key(self.rng());
        self.change_user(request, &authorized.user, |user| {
            self.expect_fresh_for_app(&authorized, user)?;
            user.mfa.pending_totp = Some(self.sealer().seal_secret(
                totp_context(&user.pool, &user.sub),
                &key,
                self.rng(),
            ));
            Ok(None)
        })
        .await?;
        Ok(key)
    }

    /// The same by the session of an `MFA_SETUP` challenge, with the session to go on with.
    pub(in crate::local) async fn associate_software_token_by_session(
        &self,
        request: &RequestContext,
        session: &Secret,
    ) -> Result<(Secret, Secret)> {
        let (pool, client, pending) = self.pending_setup(request, session).await?;
        require_mfa(&pool)?;
        let user = self.user_setting_up(request, (&pool, &client), &pending).await?;
        Ok(associate(self.context(&pool, &client), &pending, &user)?)
    }

    /// Checks that the app shows the codes of the key handed out (`VerifySoftwareToken`). The app is
    /// in force from then on, but asked for only once the user enables it.
    pub(in crate::local) async fn verify_software_token(
        &self,
        request: &RequestContext,
        token: &Secret,
        code: &Secret,
        friendly_name: Option<String>,
    ) -> Result<()> {
        check_name(friendly_name.as_ref())?;
        let authorized = self.authorize_person(request, token).await?;
        require_mfa(&authorized.pool)?;
        let context = self.context(&authorized.pool, &authorized.client);
        let proven = self.change_user(request, &authorized.user, |user| {
            self.expect_fresh_for_app(&authorized, user)?;
            self.prove_pending(context, user, code, friendly_name.clone()).map(Some)
        });
        match proven.await {
            // The operation has no error of its own for a code that was used before.
            Err(Error::Refused(Refusal::CodeSpent)) => Err(Refusal::TotpSetupMismatch.into()),
            proven => proven,
        }
    }

    /// The same by the session of an `MFA_SETUP` challenge.
    pub(in crate::local) async fn verify_software_token_by_session(
        &self,
        request: &RequestContext,
        session: &Secret,
        code: &Secret,
        friendly_name: Option<String>,
    ) -> Result<Secret> {
        check_name(friendly_name.as_ref())?;
        let (pool, client, pending) = self.pending_setup(request, session).await?;
        require_mfa(&pool)?;
        self.decide(request, || async {
            let user = self.user_setting_up(request, (&pool, &client), &pending).await?;
            let context = self.context(&pool, &client);
            let name = friendly_name.clone();
            let (session, changes) =
                prove_association(context, &pending, user.clone(), code.expose(), name)?;
            Ok(Plan::accept(session, changes).on(user))
        })
        .await
        .map_err(|error| match error {
            // As with an access token: the operation has no error of its own for a used code.
            Error::Refused(Refusal::CodeSpent) => Refusal::TotpSetupMismatch.into(),
            error => error,
        })
    }

    /// Checks the app by an access token, and sign-ins ask for the app first from then on.
    ///
    /// # Errors
    ///
    /// Those of [`Local::authorize`]; [`Refusal::AccessTokenLacksScope`] for machines;
    /// [`Refusal::TotpNotEnabled`], [`Refusal::TotpNotAssociated`];
    /// [`Refusal::FreshSignInRequired`] if there is a factor already;
    /// [`Refusal::TotpSetupMismatch`], [`Refusal::CodeSpent`]; [`Refusal::UserNotFound`] if the
    /// user is removed meanwhile; faults on our side.
    pub async fn enrol_software_token(
        &self,
        request: &RequestContext,
        token: &Secret,
        code: &Secret,
    ) -> Result<()> {
        let authorized = self.authorize_person(request, token).await?;
        let pool = &authorized.pool;
        require_mfa(pool)?;
        let context = self.context(pool, &authorized.client);
        self.change_user(request, &authorized.user, |user| {
            self.expect_fresh_for_app(&authorized, user)?;
            let once = self.prove_pending(context, user, code, None)?;
            set_preference(pool, user, MfaPreference::only(Factor::Totp))?;
            Ok(Some(once))
        })
        .await
    }

    /// Removes a user's authenticator app, in force or not yet (`AdminDeleteSoftwareToken`), and with
    /// it that it was enabled and preferred. A second time changes nothing.
    ///
    /// # Errors
    ///
    /// [`Refusal::PoolNotFound`], [`Refusal::UserNotFound`]; faults on our side.
    pub async fn delete_software_token(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        username: &str,
    ) -> Result<()> {
        self.administer(request, pool, username, By::Operator, |_, mut user| {
            let (in_force, pending) = (user.mfa.totp.take(), user.mfa.pending_totp.take());
            if in_force.is_none() && pending.is_none() {
                return Ok(Vec::new());
            }
            user.modified_at = self.now();
            Ok(vec![Change::UpdateUser(Box::new(user))])
        })
        .await
    }

    /// Puts the app in force that was handed out last, if this is its code. The code is used up.
    fn prove_pending(
        &self,
        context: DecisionContext<'_>,
        user: &mut User,
        code: &Secret,
        friendly_name: Option<String>,
    ) -> Result<Change> {
        let pending = user.mfa.pending_totp.take().ok_or(Refusal::TotpNotAssociated)?;
        let key = self.sealer().open_secret(totp_context(&user.pool, &user.sub), &pending)?;
        let Some(step) = totp::matching_step(&key, code.expose(), context.now) else {
            return Err(Refusal::TotpSetupMismatch.into());
        };
        let before = user.mfa.totp.as_ref();
        user.mfa.totp = Some(Totp {
            secret: pending,
            enabled: before.is_some_and(|totp| totp.enabled),
            preferred: before.is_some_and(|totp| totp.preferred),
            friendly_name,
        });
        Ok(spend_code(context, &user.sub, &key, step))
    }

    /// Changes the user, who was loaded a moment ago, whatever happened since, and what `change`
    /// says goes with it.
    pub(in crate::local) async fn change_user(
        &self,
        request: &RequestContext,
        user: &User,
        change: impl Fn(&mut User) -> Result<Option<Change>>,
    ) -> Result<()> {
        let change = &change;
        self.decide_about(request, user, |mut fresh| async move {
            let more = change(&mut fresh)?;
            fresh.modified_at = self.now();
            let update = Change::UpdateUser(Box::new(fresh));
            let changes = [update].into_iter().chain(more).collect();
            Ok(Plan::accept((), changes))
        })
        .await
    }

    /// The user of a set-up. The same rules hold as for the answer to `MFA_SETUP`: what is stored here
    /// outlives the sign-in.
    async fn user_setting_up(
        &self,
        request: &RequestContext,
        (pool, client): (&UserPoolRecord, &AppClient),
        pending: &Pending,
    ) -> Result<User> {
        let user = self.store().user(&pool.id, &pending.sub).await?;
        let user = user.ok_or(Refusal::ChallengeSessionInvalid)?;
        request.note_user(&user.sub);
        let made_at = pending.face.unwrap_or_default();
        let given = match &pending.tenant {
            None => EntryPolicy { face: made_at, ..EntryPolicy::default() },
            Some(id) => {
                let tenant = self.store().tenant(id).await?;
                EntryPolicy::of_tenant(&tenant.ok_or(Refusal::ChallengeSessionInvalid)?)
            }
        };
        let entry_policy = self.entry_policy_of(&given, client, made_at);
        let lockout = self.lockout_of(pool, "", Some(&user)).await?;
        let candidate = self.with_groups(user).await?;
        let candidate = self.with_entry_facts(candidate, &entry_policy).await?;
        let context = self.context(pool, client);
        match decide_unseen(context, pending, &candidate, &lockout, &entry_policy) {
            Some(_) => Err(Refusal::ChallengeSessionInvalid.into()),
            None => Ok(candidate.user),
        }
    }

    /// Opens the session of a set-up: these operations take it without naming a client.
    async fn pending_setup(
        &self,
        request: &RequestContext,
        session: &Secret,
    ) -> Result<(UserPoolRecord, AppClient, Pending)> {
        let client: ClientId = Pending::client(session)?;
        let (pool, client) =
            self.client(request, &client).await.map_err(|_| Refusal::ChallengeSessionInvalid)?;
        let pending = Pending::open(&client, session, self.sealer(), self.now())?;
        Ok((pool, client, pending))
    }
}

fn check_name(friendly_name: Option<&String>) -> Result<(), Refusal> {
    if friendly_name.is_some_and(|name| name.len() > LONGEST_NAME) {
        return Err(Refusal::invalid(FactorFlaw::AppNameTooLong { most: LONGEST_NAME }));
    }
    Ok(())
}

fn require_mfa(pool: &UserPoolRecord) -> Result<(), Refusal> {
    let offered = pool.mfa != MfaMode::Off && pool.rules.second_factors.software_token;
    if offered { Ok(()) } else { Err(Refusal::TotpNotEnabled) }
}
