use crate::backend::entry_policy::EntryPolicy;
use crate::backend::user_pool::{ChallengeAnswer, Outcome, Respond};
use crate::crypto::seal::Sealed;
use crate::crypto::secret::Secret;
use crate::entity::{Contact, PasswordSource, User, UserPoolRecord};
use crate::error::{Refusal, Result};
use crate::local::Local;
use crate::local::client_proof::hashed_names;
use crate::local::commit::{AttemptMemo, Plan};
use crate::local::names::{is_called, names};
use crate::local::sign_in::completion::decided;
use crate::request::RequestContext;
use crate::sign_in::{
    Candidate, Decision, DecisionContext, Pending, PendingStep, Progress, check_new_password,
    decide_mfa_setup, decide_new_password, decide_reused, decide_select_mfa, decide_sent_code,
    decide_setup_email, decide_software_token, decide_unseen, set_up_email,
};

impl Local {
    /// Answers a challenge.
    ///
    /// # Errors
    ///
    /// [`Refusal::PoolNotFound`], [`Refusal::ClientNotFound`]; [`Refusal::SecretHashMissing`],
    /// [`Refusal::SecretHashWrong`], [`Refusal::ClientSecretWrong`];
    /// [`Refusal::ChallengeSessionInvalid`], [`Refusal::ChallengeSessionExpired`],
    /// [`Refusal::ChallengeSessionSpent`]; [`Refusal::LockedOut`], [`Refusal::BadCredentials`],
    /// [`Refusal::UserDisabled`], [`Refusal::Barred`], [`Refusal::External`],
    /// [`Refusal::PartnerSuspended`]; [`Refusal::CodeMismatch`], [`Refusal::CodeSpent`] for codes;
    /// [`Refusal::PasswordPolicy`], [`Refusal::PasswordReused`], [`Refusal::AttributeMissing`],
    /// [`Refusal::AttributeNotWritable`], [`Refusal::Busy`] for new passwords; [`Refusal::Invalid`]
    /// (`AttributeFlaw`, `FactorFlaw`); [`Refusal::AliasExists`]; faults on our side.
    pub async fn answer_challenge(
        &self,
        request: &RequestContext,
        command: Respond,
    ) -> Result<Outcome> {
        let (pool, client) = self.client_in(request, &command.via).await?;
        let hashed = AttemptMemo::default();
        self.decide(request, || async {
            let context = self.context(&pool, &client);
            let plan = self.plan_answer(request, context, &command, &hashed).await?;
            self.with_tokens(request, context, plan).await
        })
        .await
    }

    async fn plan_answer(
        &self,
        request: &RequestContext,
        context: DecisionContext<'_>,
        command: &Respond,
        hashed: &AttemptMemo<(), Option<Sealed>>,
    ) -> Result<Plan<Progress>> {
        let pending = Pending::open(context.client, &command.session, self.sealer(), context.now)?;
        let entry_policy = &self.entry_policy(&command.entry_policy, context.client);
        pending.check_face(entry_policy)?;
        let user = self.store().user(&context.pool.id, &pending.sub).await?;
        let user = user.ok_or(Refusal::ChallengeSessionInvalid)?;
        request.note_user(&user.sub);
        if command.username.as_ref().is_some_and(|name| !is_called(context.pool, &user, name)) {
            return Err(Refusal::ChallengeSessionInvalid.into());
        }
        let sent = command.username.as_deref().unwrap_or_default();
        self.check_proof(context.client, &command.via.proof, &hashed_names(sent, Some(&user)))?;
        let user = self.with_verifiable_address(context.pool, user).await?;
        let candidate = self.with_groups(user).await?;
        let candidate = self.with_device_of(candidate, &pending).await?;
        let candidate = self.with_entry_facts(candidate, entry_policy).await?;
        let user = candidate.user.clone();
        let decision = self
            .decide_answer(context, &pending, candidate, (command, entry_policy), hashed)
            .await?;
        let mut plan = decided(request, decision);
        if command.remember_device
            && pending.step.is_second_factor()
            && let Ok(Progress::Done(authenticated)) = &mut plan.result
        {
            let (pair, trust) = self.trust_device(context.client, &user);
            authenticated.remembered = Some(pair);
            plan.changes.push(trust);
        }
        Ok(plan.on(user))
    }

    async fn decide_answer(
        &self,
        context: DecisionContext<'_>,
        pending: &Pending,
        candidate: Candidate,
        (command, entry_policy): (&Respond, &EntryPolicy),
        hashed: &AttemptMemo<(), Option<Sealed>>,
    ) -> Result<Decision> {
        let lockout = self.lockout_of(context.pool, "", Some(&candidate.user)).await?;
        Ok(match &command.answer {
            ChallengeAnswer::NewPassword { password, attributes } => {
                if !matches!(pending.step, PendingStep::NewPassword) {
                    return Err(Refusal::ChallengeSessionInvalid.into());
                }
                // Nothing is hashed for an answer that will not be looked at.
                let unseen = decide_unseen(context, pending, &candidate, &lockout, entry_policy);
                if let Some(unseen) = unseen {
                    return Ok(unseen);
                }
                check_new_password(context, &candidate, password, attributes)?;
                let hash = self.new_hash(context, &candidate, password, hashed).await?;
                let Some(hash) = hash else {
                    return Ok(decide_reused(context, pending, &candidate.user, &lockout));
                };
                let given = (hash, attributes);
                decide_new_password(context, pending, candidate, given, &lockout, entry_policy)
            }
            ChallengeAnswer::SoftwareToken(code) => {
                decide_software_token(context, pending, candidate, code, &lockout, entry_policy)?
            }
            ChallengeAnswer::EmailCode(code)
                if matches!(pending.step, PendingStep::SetupEmail { .. }) =>
            {
                decide_setup_email(context, pending, candidate, code, &lockout, entry_policy)
            }
            ChallengeAnswer::EmailCode(code) => {
                let given = (Contact::Email, code);
                decide_sent_code(context, pending, candidate, given, &lockout, entry_policy)
            }
            ChallengeAnswer::SmsCode(code) => {
                let given = (Contact::PhoneNumber, code);
                decide_sent_code(context, pending, candidate, given, &lockout, entry_policy)
            }
            ChallengeAnswer::MfaSetupEmail(address) => {
                set_up_email(context, pending, &candidate, address, &lockout, entry_policy)
            }
            ChallengeAnswer::MfaSetup => {
                decide_mfa_setup(context, pending, candidate, &lockout, entry_policy)
            }
            ChallengeAnswer::MfaType(factor) => {
                decide_select_mfa(context, pending, &candidate, *factor, &lockout, entry_policy)
            }
        })
    }

    /// An address that is somebody else's name cannot become this user's. The sign-in then goes on without
    /// verifying the address.
    async fn with_verifiable_address(&self, pool: &UserPoolRecord, mut user: User) -> Result<User> {
        if let PasswordSource::Invitation { contact, address, verifies } =
            &mut user.provenance.password
            && *verifies
            && pool.alias_kinds().any(|kind| kind == contact.sign_in_name())
        {
            let owner = self.store().find_user(&pool.id, &names(pool, address)).await?;
            *verifies = owner.is_none_or(|owner| owner.sub == user.sub);
        }
        Ok(user)
    }

    /// Hashes the new password, once however often the decision is made; one that the user had of
    /// late is none.
    async fn new_hash(
        &self,
        context: DecisionContext<'_>,
        candidate: &Candidate,
        password: &Secret,
        hashed: &AttemptMemo<(), Option<Sealed>>,
    ) -> Result<Option<Sealed>> {
        let hash = async {
            if self.is_remembered(context.pool, &candidate.user, password).await? {
                return Ok(None);
            }
            self.seal_password(context.pool, &candidate.user, password).await.map(Some)
        };
        hashed.get((), hash).await
    }
}
