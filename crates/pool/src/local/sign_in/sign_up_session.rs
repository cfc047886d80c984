use crate::backend::entry_policy::EntryPolicy;
use crate::backend::user_pool::{FirstChoice, Outcome};
use crate::crypto::secret::Secret;
use crate::entity::{AppClient, AuthFlow, Contact, User, UserPoolRecord};
use crate::error::{Refusal, Result};
use crate::local::Local;
use crate::local::client_proof::hashed_names;
use crate::local::names::is_called;
use crate::local::sign_in::completion::decided;
use crate::local::sign_in::user_auth::{UserAuth, require_user_auth};
use crate::request::RequestContext;
use crate::sign_in::{
    Candidate, DecisionContext, DeviceClaim, FreshSignUp, decide_signed_up, first_choices,
};

impl Local {
    /// Signs in who has just confirmed a sign-up, by the session of that (`USER_AUTH` with
    /// `Session`). It works once.
    ///
    /// # Errors
    ///
    /// [`Refusal::PoolNotFound`], [`Refusal::ClientNotFound`], [`Refusal::FlowNotEnabled`];
    /// [`Refusal::SecretHashMissing`], [`Refusal::SecretHashWrong`],
    /// [`Refusal::ClientSecretWrong`]; [`Refusal::ChallengeSessionInvalid`], for another name, too;
    /// [`Refusal::ChallengeSessionExpired`], [`Refusal::ChallengeSessionSpent`];
    /// [`Refusal::LockedOut`], [`Refusal::UserDisabled`], [`Refusal::Barred`],
    /// [`Refusal::PartnerSuspended`]; faults on our side.
    pub async fn sign_in_signed_up(
        &self,
        request: &RequestContext,
        command: UserAuth,
        session: &Secret,
    ) -> Result<Outcome> {
        let (pool, client) = self.client_in(request, &command.via).await?;
        require_user_auth(&client)?;
        let fresh = FreshSignUp::open(&client, session, self.sealer(), self.now())?;
        let entry_policy = self.entry_policy(&EntryPolicy::default(), &client);
        self.decide(request, || async {
            let user = self.store().user(&pool.id, &fresh.sub).await?;
            let names = hashed_names(&command.username, user.as_ref());
            self.check_proof(&client, &command.via.proof, &names)?;
            let user = user.filter(|user| is_called(&pool, user, &command.username));
            let user = user.ok_or(Refusal::ChallengeSessionInvalid)?;
            let lockout = self.lockout_of(&pool, "", Some(&user)).await?;
            let candidate = self.with_groups(user).await?;
            let candidate = self.with_entry_facts(candidate, &entry_policy).await?;
            // The session works once: it is not lost to the name of a device that is gone.
            let tracked = command.via.pool.is_none();
            let claim = DeviceClaim::of(&pool, tracked, command.device_key.as_ref());
            let mut candidate = self.with_device(&pool.id, Some(candidate), claim).await?;
            candidate.iter_mut().for_each(Candidate::forgive_unknown_device);
            let candidate = candidate.ok_or(Refusal::ChallengeSessionInvalid)?;
            let context = self.context(&pool, &client);
            let decision = decide_signed_up(context, &fresh, candidate, &lockout, &entry_policy);
            self.with_tokens(request, context, decided(request, decision)).await
        })
        .await
    }

    /// What lets a new user go on to a sign-in, where the client may take it there.
    pub(in crate::local) fn sign_up_session(
        &self,
        pool: &UserPoolRecord,
        client: &AppClient,
        user: &User,
    ) -> Option<Secret> {
        let context = self.context(pool, client);
        client.allows(AuthFlow::UserAuth).then(|| FreshSignUp::begin(context, user).seal(context))
    }

    /// The sign-up that the caller holds, if the session says so. Somebody else's is refused. One
    /// that is too old is none: reading one's mail may take longer, and the code counts all the
    /// same.
    pub(in crate::local) fn held_sign_up(
        &self,
        client: &AppClient,
        session: Option<&Secret>,
        user: Option<&User>,
    ) -> Result<Option<FreshSignUp>, Refusal> {
        let Some(session) = session else { return Ok(None) };
        match FreshSignUp::open(client, session, self.sealer(), self.now()) {
            Ok(fresh) if user.is_some_and(|user| user.sub == fresh.sub) => Ok(Some(fresh)),
            Ok(_) => Err(Refusal::ChallengeSessionInvalid),
            Err(Refusal::ChallengeSessionExpired) => Ok(None),
            Err(refusal) => Err(refusal),
        }
    }
}

/// A sign-up that nobody shows to hold: its code is enough where one like it would be enough to sign
/// in. Some clients send no session and expect one.
pub(in crate::local) fn sign_up_by_code(
    context: DecisionContext<'_>,
    user: &User,
    contact: Contact,
) -> Option<FreshSignUp> {
    let opens = first_choices(context.pool, user).contains(&FirstChoice::sent_to(contact));
    (opens && context.client.allows(AuthFlow::UserAuth)).then(|| FreshSignUp::begin(context, user))
}
