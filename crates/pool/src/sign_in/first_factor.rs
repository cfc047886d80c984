use super::mfa::{self, Demand};
use super::sent_code::{send, send_nowhere};
use super::{
    Candidate, CredentialEpoch, Decision, DecisionContext, after_first_factor, lock, settle_lockout,
};
use crate::backend::entry_policy::EntryPolicy;
use crate::backend::user_pool::FirstChoice;
use crate::change::Change;
use crate::crypto::seal::{Context, SealPurpose, Sealed, Sealer};
use crate::crypto::secret::{Secret, same_bytes};
use crate::entity::{
    AppClient, Contact, FirstFactor, MfaMode, Spent, User, UserPoolRecord, UserStatus,
};
use crate::error::Refusal;
use crate::ids::{Sub, Username, random_uuid};
use crate::limits::lockout::Lockout;
use crate::time::Timestamp;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use serde::{Deserialize, Serialize};

/// Codes that stand alone are longer than those beside a password, as in Cognito.
const CODE_DIGITS: usize = 8;

/// A first factor that is waited for: the content of the session of a `USER_AUTH` sign-in. It
/// lives nowhere else.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PendingFirst {
    id: String,
    /// Whose sign-in it is; `None` if the name leads to nobody and the question is for show.
    pub sub: Option<Sub>,
    /// The name as it was typed.
    pub name: String,
    /// What must not have changed meanwhile.
    #[serde(rename = "standing")]
    credential_epoch: Option<CredentialEpoch>,
    /// The code that was sent, if one was.
    sent: Option<SentCode>,
    expires_at: Timestamp,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct SentCode {
    contact: Contact,
    address: String,
    code: Secret,
}

impl PendingFirst {
    /// Waits for a choice, or for a password.
    pub fn choice(context: DecisionContext<'_>, user: Option<&User>, name: &str) -> Self {
        Self {
            id: random_uuid(context.rng),
            sub: user.map(|user| user.sub.clone()),
            name: name.to_owned(),
            credential_epoch: user.map(CredentialEpoch::of),
            sent: None,
            expires_at: context.now.after(context.client.auth_session_validity),
        }
    }

    /// Waits for a code, which the message takes there: to `reachable` if there is such a user, and
    /// else to nobody.
    pub fn code(
        context: DecisionContext<'_>,
        (user, name): (Option<&User>, &str),
        (reachable, called): (Option<&User>, &Username),
        (contact, address): (Contact, &str),
    ) -> (Self, Change) {
        let (code, message) = match reachable {
            Some(user) => send(context, user, (contact, address), CODE_DIGITS),
            None => send_nowhere(context, called, (contact, address), CODE_DIGITS),
        };
        let sent = Some(SentCode { contact, address: address.to_owned(), code });
        (Self { sent, ..Self::choice(context, user, name) }, message)
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
        let invalid = |_| Refusal::ChallengeSessionInvalid;
        let bytes =
            BASE64.decode(session.expose()).map_err(|_| Refusal::ChallengeSessionInvalid)?;
        let sealed = Sealed::from_bytes(bytes);
        let pending: Self = sealer.open_record(sealing(client), &sealed).map_err(invalid)?;
        let is_live = pending.expires_at.is_ahead(now, client.auth_session_validity);
        if is_live { Ok(pending) } else { Err(Refusal::ChallengeSessionExpired) }
    }

    /// Whether this waits for a code that was sent to such an address, or for no code.
    pub fn waits_for(&self, contact: Option<Contact>) -> bool {
        self.sent.as_ref().map(|sent| sent.contact) == contact
    }

    /// Whether this is the code that was sent.
    pub fn is_answered_by(&self, code: &Secret) -> bool {
        let is_sent =
            |sent: &SentCode| same_bytes(sent.code.expose().as_bytes(), code.expose().as_bytes());
        self.sent.as_ref().is_some_and(is_sent)
    }

    /// The change that lets the session be used no more.
    pub fn spend(&self, client: &AppClient) -> Change {
        let until = super::remembered(self.expires_at);
        let spent = Spent::ChallengeSession(self.id.clone());
        Change::Spend { pool: client.pool.clone(), spent, until }
    }

    fn stands_for(&self, user: &User) -> bool {
        self.credential_epoch.as_ref() == Some(&CredentialEpoch::of(user))
    }
}

fn sealing(client: &AppClient) -> Context<'_> {
    Context { purpose: SealPurpose::FirstFactor, pool: &client.pool, subject: client.id.as_str() }
}

/// The first factors a user can answer. A code that stands alone is none where a second factor is
/// due: it would be the weaker half of both. It goes to a proven address, or who owns the address
/// would come into the account of whoever wrote it there, and that is beyond doubt; until a sign-up is confirmed it goes to
/// any, since it takes the account from who signed up (see [`User::hand_over`]).
pub fn first_choices(pool: &UserPoolRecord, user: &User) -> Vec<FirstChoice> {
    let mut choices = Vec::new();
    if user.password.is_some() {
        choices.extend([FirstChoice::PasswordSrp, FirstChoice::Password]);
    }
    let may_sign_in = matches!(user.status, UserStatus::Confirmed | UserStatus::Unconfirmed);
    let alone = pool.mfa != MfaMode::On && mfa::demanded(pool, user) == Demand::None;
    let codes = pool.rules.first_factors.iter().map(|factor| contact(*factor));
    let is_new = user.status == UserStatus::Unconfirmed;
    let has_address = |contact: Contact| user.attributes.get(contact.attribute()).is_some();
    let codes =
        codes.filter(|contact| if is_new { has_address(*contact) } else { user.lets_in(*contact) });
    if may_sign_in && alone {
        choices.extend(codes.map(FirstChoice::sent_to));
    }
    choices
}

/// Whether a user whom codes reach at these kinds of address can do without a password: the pool
/// lets people in by a code alone.
pub fn needs_no_password(pool: &UserPoolRecord, is_reachable: impl Fn(Contact) -> bool) -> bool {
    let mut ways = pool.rules.first_factors.iter().map(|factor| contact(*factor));
    pool.mfa != MfaMode::On && ways.any(is_reachable)
}

/// Those that are offered where users are hidden, to everybody alike: what the pool has at all.
pub fn offered_choices(pool: &UserPoolRecord) -> Vec<FirstChoice> {
    let mut choices = vec![FirstChoice::PasswordSrp, FirstChoice::Password];
    let codes = pool.rules.first_factors.iter().map(|factor| contact(*factor));
    if pool.mfa != MfaMode::On {
        choices.extend(codes.map(FirstChoice::sent_to));
    }
    choices
}

const fn contact(factor: FirstFactor) -> Contact {
    match factor {
        FirstFactor::EmailOtp => Contact::Email,
        FirstFactor::SmsOtp => Contact::PhoneNumber,
    }
}

/// Decides on a code that stands in the password's place. Who read it owns the address. If that
/// confirms a sign-up, it is the reader's account from then on, whoever signed up.
pub fn decide_first_code(
    context: DecisionContext<'_>,
    pending: &PendingFirst,
    candidate: Option<Candidate>,
    code: &Secret,
    lockout: &Lockout,
    entry_policy: &EntryPolicy,
) -> Decision {
    let Some(sent) = &pending.sent else {
        return Decision::refuse(Refusal::ChallengeSessionInvalid, Vec::new());
    };
    if let Some(until) = lockout.locked_until(context.now) {
        return lock::decide_locked(context, lockout, until, Refusal::CodeMismatch);
    }
    let is_right = pending.is_answered_by(code);
    let still_counts = |candidate: &Candidate| {
        let user = &candidate.user;
        pending.stands_for(user)
            && user.attributes.get(sent.contact.attribute()) == Some(sent.address.as_str())
            && first_choices(context.pool, user).contains(&FirstChoice::sent_to(sent.contact))
    };
    let failed = lock::failed(context, lockout, candidate.as_ref().map(|found| &found.user));
    let Some(mut candidate) = candidate.filter(|candidate| is_right && still_counts(candidate))
    else {
        let locks = lockout.after_failure(context.now).locked_until(context.now).is_some();
        let spent = locks.then(|| pending.spend(context.client));
        return Decision::refuse(Refusal::CodeMismatch, spent.into_iter().chain(failed).collect());
    };
    let user = &mut candidate.user;
    let mut changes = Vec::new();
    if user.status == UserStatus::Unconfirmed {
        let before = user.clone();
        changes.extend(user.hand_over(sent.contact, context.now));
        changes.extend(context.pool.moved_aliases(&before, user));
        changes.push(Change::UpdateUser(Box::new(user.clone())));
    } else {
        changes.push(user.unchanged());
    }
    let (result, more) = after_first_factor(context, candidate, entry_policy);
    changes.extend(more);
    changes.extend([pending.spend(context.client), settle_lockout(lockout, &result)]);
    Decision { result, changes, reason: None }
}
