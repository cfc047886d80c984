use crate::backend::entry_policy::EntryPolicy;
use crate::backend::user_pool::{ClientProof, FirstChoice, Outcome, Via};
use crate::crypto::secret::Secret;
use crate::entity::{AppClient, AuthFlow, Contact, User, UserPoolRecord};
use crate::error::{Refusal, Result};
use crate::ids::{DeviceKey, Username};
use crate::limits::quota::Quota;
use crate::local::commit::Plan;
use crate::local::names::is_called;
use crate::local::sign_in::completion::decided;
use crate::local::sign_in::srp_sign_in::{SrpChallenge, SrpSignIn};
use crate::local::{Found, Local, PasswordSignIn};
use crate::message;
use crate::request::RequestContext;
use crate::sign_in::{
    Candidate, DeviceClaim, PendingFirst, decide_first_code, first_choices, offered_choices,
};

/// A sign-in in which the user chooses the first factor (`USER_AUTH`).
#[derive(Clone, Debug)]
pub struct UserAuth {
    /// Through which app client the call comes.
    pub via: Via,
    /// Username, `sub` or alias, as typed.
    pub username: String,
    /// The factor wanted, if one is.
    pub wanted: Option<FirstChoice>,
    /// The password, if it comes along.
    pub password: Option<Secret>,
    /// The client's public value for SRP, if it comes along.
    pub srp_a: Option<String>,
    /// The device that the client names (`DEVICE_KEY`).
    pub device_key: Option<DeviceKey>,
}

/// An answer in such a sign-in.
#[derive(Clone, Debug)]
pub struct FirstAnswer {
    /// The sign-in: `username` is checked against the session's, `wanted` is the choice.
    pub sign_in: UserAuth,
    /// The session that came with the question.
    pub session: Secret,
    /// The code, if one was asked for.
    pub code: Option<Secret>,
}

/// Where such a sign-in has come to.
#[derive(Debug)]
pub enum FirstStep {
    /// The first factor was given.
    Passed(Outcome),
    /// The password is to be proven.
    Prove(SrpChallenge),
    /// Something is asked.
    Asked(FirstQuestion),
}

/// A question for the first factor.
#[derive(Debug)]
pub struct FirstQuestion {
    /// What is asked for; `None` asks which factor.
    pub wanted: Option<FirstChoice>,
    /// Where a code went, masked.
    pub destination: Option<String>,
    /// To be sent back with the answer.
    pub session: Secret,
    /// The canonical username.
    pub username: Username,
    /// What can be answered.
    pub choices: Vec<FirstChoice>,
}

/// Whom a question is for.
struct Asked<'a> {
    pool: &'a UserPoolRecord,
    client: &'a AppClient,
    user: Option<User>,
    /// Somebody else, whom what is invented about nobody looks like.
    other: Option<User>,
    choices: Vec<FirstChoice>,
}

impl Local {
    /// Begins a sign-in in which the user chooses. Through clients that hide users, names that
    /// lead to nobody are asked like any.
    ///
    /// # Errors
    ///
    /// Those of [`Local::password_sign_in`] and [`Local::begin_srp`], by the factor;
    /// [`Refusal::LimitExceeded`] after twenty codes an hour; faults on our side.
    pub async fn begin_user_auth(
        &self,
        request: &RequestContext,
        command: UserAuth,
    ) -> Result<FirstStep> {
        let (pool, client) = self.client_in(request, &command.via).await?;
        require_user_auth(&client)?;
        let entry_policy = self.entry_policy(&EntryPolicy::default(), &client);
        let found = self.find_candidate(request, &pool, &command.username, &entry_policy).await?;
        let user = found.candidate.as_ref().map(|candidate| &candidate.user);
        let names = (command.username.as_str(), command.username.as_str());
        self.check_proof_of((&pool, &client), &command.via.proof, names, user)?;
        if user.is_none() && !client.hides_users {
            return Err(Refusal::UserNotFound.into());
        }
        let asked = Asked::of(&pool, &client, found);
        self.go_on(request, asked, command, None).await
    }

    /// Takes an answer. `None` if the session is not one of such a sign-in.
    ///
    /// # Errors
    ///
    /// Those of [`Local::begin_user_auth`]; [`Refusal::ChallengeSessionInvalid`] for another user
    /// or another question; [`Refusal::ChallengeSessionExpired`],
    /// [`Refusal::ChallengeSessionSpent`]; [`Refusal::CodeMismatch`]; [`Refusal::AliasExists`] if
    /// the code confirms a sign-up; faults on our side.
    pub async fn answer_first(
        &self,
        request: &RequestContext,
        answer: FirstAnswer,
    ) -> Result<Option<FirstStep>> {
        let FirstAnswer { sign_in, session, code } = answer;
        let (pool, client) = self.client_in(request, &sign_in.via).await?;
        let opened = PendingFirst::open(&client, &session, self.sealer(), self.now());
        let pending = match opened {
            Err(Refusal::ChallengeSessionInvalid) => return Ok(None),
            opened => opened?,
        };
        require_user_auth(&client)?;
        let found = self.pending_user(request, &pool, &client, &pending, &sign_in).await?;
        if let Some(code) = code {
            let place = (&pool, &client);
            let outcome = self.check_first_code(request, place, &sign_in, &pending, &code).await?;
            return Ok(Some(FirstStep::Passed(outcome)));
        }
        if !pending.waits_for(None) {
            return Err(Refusal::ChallengeSessionInvalid.into());
        }
        let asked = Asked::of(&pool, &client, found);
        let sign_in = UserAuth { username: pending.name.clone(), ..sign_in };
        self.go_on(request, asked, sign_in, Some(&pending)).await.map(Some)
    }

    /// The user a session is about, if the caller may speak for it.
    async fn pending_user(
        &self,
        request: &RequestContext,
        pool: &UserPoolRecord,
        client: &AppClient,
        pending: &PendingFirst,
        command: &UserAuth,
    ) -> Result<Found> {
        let found = self.candidate_of(request, pool, pending.sub.as_ref(), &pending.name).await?;
        let user = found.candidate.as_ref().map(|candidate| &candidate.user);
        let names = (command.username.as_str(), pending.name.as_str());
        self.check_proof_of((pool, client), &command.via.proof, names, user)?;
        let is_same = match user {
            Some(user) => is_called(pool, user, &command.username),
            None => self.invented(pool, &pending.name) == self.invented(pool, &command.username),
        };
        if is_same { Ok(found) } else { Err(Refusal::ChallengeSessionInvalid.into()) }
    }

    /// Goes on with the factor that is wanted, or asks which.
    async fn go_on(
        &self,
        request: &RequestContext,
        asked: Asked<'_>,
        command: UserAuth,
        answered: Option<&PendingFirst>,
    ) -> Result<FirstStep> {
        let wanted = command.wanted.filter(|wanted| asked.choices.contains(wanted));
        let spent = answered.map(|pending| pending.spend(asked.client));
        match (wanted, &command.password, &command.srp_a) {
            (Some(FirstChoice::Password), Some(password), _) => {
                let sign_in = PasswordSignIn {
                    remembered: None,
                    via: Via { proof: ClientProof::Trusted, ..command.via },
                    flow: AuthFlow::UserAuth,
                    username: command.username,
                    password: password.clone(),
                    device_key: command.device_key,
                    entry_policy: EntryPolicy::default(),
                };
                let outcome = self.password_sign_in_with(request, sign_in, spent).await?;
                Ok(FirstStep::Passed(outcome))
            }
            (Some(FirstChoice::PasswordSrp), _, Some(srp_a)) => {
                let sign_in = SrpSignIn {
                    via: Via { proof: ClientProof::Trusted, ..command.via },
                    flow: AuthFlow::UserAuth,
                    username: command.username,
                    srp_a: srp_a.clone(),
                    device_key: command.device_key,
                };
                self.begin_srp(request, sign_in).await.map(FirstStep::Prove)
            }
            (Some(choice @ (FirstChoice::EmailOtp | FirstChoice::SmsOtp)), ..) => {
                self.ask_for_code(request, asked, choice, &command.username, answered).await
            }
            (wanted, ..) => {
                let context = self.context(asked.pool, asked.client);
                let user = asked.user.as_ref();
                let pending = PendingFirst::choice(context, user, &command.username);
                let username = self.shown_username(&asked, &command.username);
                let session = pending.seal(context);
                let choices = asked.choices;
                let destination = None;
                Ok(FirstStep::Asked(FirstQuestion {
                    wanted,
                    destination,
                    session,
                    username,
                    choices,
                }))
            }
        }
    }

    /// Sends a code. It needs no password, so it is counted: nobody's mailbox is flooded.
    async fn ask_for_code(
        &self,
        request: &RequestContext,
        asked: Asked<'_>,
        choice: FirstChoice,
        name: &str,
        answered: Option<&PendingFirst>,
    ) -> Result<FirstStep> {
        let contact = match choice {
            FirstChoice::SmsOtp => Contact::PhoneNumber,
            _ => Contact::Email,
        };
        // Who cannot sign in by a code gets no message, and is told why only upon a proof.
        let user = asked.user.as_ref();
        let reachable =
            user.filter(|user| user.enabled && first_choices(asked.pool, user).contains(&choice));
        let own = user.and_then(|user| user.attributes.get(contact.attribute()));
        let nobody = self.person(asked.pool, name, user);
        let other = asked.other.as_ref();
        let invented = self.invented_address(asked.pool, &nobody, contact, other);
        let address = own.map_or(invented, str::to_owned);
        let subject = self.subject(asked.pool, name, user);
        let place = (asked.pool, asked.client);
        let asked = self.decide(request, || async {
            let counted = self.count(place, (name, &subject), Quota::SignInCode).await?;
            let reachable = reachable.filter(|_| !counted.is_silenced);
            let context = self.context(asked.pool, asked.client);
            let to = (contact, address.as_str());
            let (pending, message) =
                PendingFirst::code(context, (user, name), (reachable, &nobody.username), to);
            let mut changes = counted.changes;
            changes.extend(answered.map(|pending| pending.spend(asked.client)));
            changes.push(message);
            let question = FirstQuestion {
                wanted: Some(choice),
                // In one case, or else it would tell who stored the address from who typed it.
                destination: Some(message::mask(contact, &asked.pool.username_key(&address))),
                session: pending.seal(context),
                username: self.shown_username(&asked, name),
                choices: vec![choice],
            };
            Ok(Plan::accept(question, changes))
        });
        Ok(FirstStep::Asked(asked.await?))
    }

    async fn check_first_code(
        &self,
        request: &RequestContext,
        (pool, client): (&UserPoolRecord, &AppClient),
        command: &UserAuth,
        pending: &PendingFirst,
        code: &Secret,
    ) -> Result<Outcome> {
        let contact = match command.wanted {
            Some(FirstChoice::SmsOtp) => Contact::PhoneNumber,
            _ => Contact::Email,
        };
        if !pending.waits_for(Some(contact)) {
            return Err(Refusal::ChallengeSessionInvalid.into());
        }
        let entry_policy = &self.entry_policy(&EntryPolicy::default(), client);
        self.decide(request, || async {
            let found =
                self.candidate_of(request, pool, pending.sub.as_ref(), &pending.name).await?;
            let candidate = found.candidate;
            let user = candidate.as_ref().map(|candidate| &candidate.user);
            let lockout = self.lockout_of(pool, &pending.name, user).await?;
            // What nobody is told before the code was right is not looked up before.
            let candidate = match candidate {
                Some(candidate) if pending.is_answered_by(code) => {
                    Some(self.with_entry_facts(candidate, entry_policy).await?)
                }
                candidate => candidate,
            };
            // A code works once: it is not lost to the name of a device that is gone.
            let tracked = command.via.pool.is_none();
            let claim = DeviceClaim::of(pool, tracked, command.device_key.as_ref());
            let mut candidate = self.with_device(&pool.id, candidate, claim).await?;
            candidate.iter_mut().for_each(Candidate::forgive_unknown_device);
            let context = self.context(pool, client);
            let decision =
                decide_first_code(context, pending, candidate, code, &lockout, entry_policy);
            self.with_tokens(request, context, decided(request, decision)).await
        })
        .await
    }

    fn shown_username(&self, asked: &Asked<'_>, name: &str) -> Username {
        // Made for everybody, so that it takes as long.
        let invented = self.invented_username(asked.pool, name);
        asked.user.as_ref().map_or(invented, |user| user.username.clone())
    }
}

impl<'a> Asked<'a> {
    /// Where users are hidden, all are offered the same: what a user has would tell that there is
    /// one, and whose account is worth an attack.
    fn of(pool: &'a UserPoolRecord, client: &'a AppClient, found: Found) -> Self {
        let Found { candidate, other } = found;
        let user = candidate.map(|candidate| candidate.user);
        let choices = match &user {
            Some(user) if !client.hides_users => first_choices(pool, user),
            _ => offered_choices(pool),
        };
        Self { pool, client, user, other, choices }
    }
}

pub(in crate::local) fn require_user_auth(client: &AppClient) -> Result<(), Refusal> {
    if client.allows(AuthFlow::UserAuth) {
        Ok(())
    } else {
        Err(Refusal::FlowNotEnabled("USER_AUTH"))
    }
}
