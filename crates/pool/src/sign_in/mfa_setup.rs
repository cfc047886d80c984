use super::challenge::{self, Pending, PendingStep};
use super::mfa::{self, Demand};
use super::sent_code;
use super::software_token::{spend_code, totp_context, wrong_code};
use super::{Candidate, Decision, DecisionContext, asked, decide_unseen, done, settle_lockout};
use crate::attributes::is_email;
use crate::backend::entry_policy::EntryPolicy;
use crate::backend::user_pool::{Challenge, ChallengeKind, Factor};
use crate::change::Change;
use crate::crypto::seal::Context;
use crate::crypto::secret::{Secret, same_bytes};
use crate::crypto::totp;
use crate::entity::{CodeMfa, Contact, Totp, User};
use crate::error::{AttributeFlaw, Refusal};
use crate::ids::EventId;
use crate::limits::lockout::Lockout;

pub(super) fn ask(
    context: DecisionContext<'_>,
    candidate: &Candidate,
    event: EventId,
    choices: Vec<Factor>,
) -> Challenge {
    let kind = ChallengeKind::MfaSetup { choices };
    challenge::ask(context, candidate, event, PendingStep::Setup, kind)
}

/// Hands out a key for an authenticator app (`AssociateSoftwareToken` with a session) to a user whose
/// sign-in is open ([`decide_unseen`]). Nothing is stored: the key travels in the next session.
///
/// # Errors
///
/// [`Refusal::ChallengeSessionInvalid`] if the sign-in does not wait for an app to be set up, or the
/// user has a factor by now.
pub fn associate(
    context: DecisionContext<'_>,
    pending: &Pending,
    user: &User,
) -> Result<(Secret, Secret), Refusal> {
    let waits = matches!(pending.step, PendingStep::Setup | PendingStep::SetupKey(_));
    if !waits || !may_set_up(context, user, Factor::Totp) {
        return Err(Refusal::ChallengeSessionInvalid);
    }
    let key = totp::random_key(context.rng);
    let session = pending.next(PendingStep::SetupKey(key.clone()), context).seal(context);
    Ok((key, session))
}

/// Checks that the app shows the key's codes (`VerifySoftwareToken` with a session), for a user whose
/// sign-in is open ([`decide_unseen`]). The app is the user's from then on, even if the sign-in ends
/// here: the next one asks for it, as at Amazon. Gives the session with which `MFA_SETUP` can be
/// answered, and what to change. Nothing changes the second time, for clients that lost the answer.
///
/// # Errors
///
/// [`Refusal::ChallengeSessionInvalid`] if no key was handed out with the session, or the user has
/// another factor by now; [`Refusal::TotpSetupMismatch`] if the code is wrong.
pub fn prove_association(
    context: DecisionContext<'_>,
    pending: &Pending,
    mut user: User,
    code: &str,
    friendly_name: Option<String>,
) -> Result<(Secret, Vec<Change>), Refusal> {
    let PendingStep::SetupKey(key) = &pending.step else {
        return Err(Refusal::ChallengeSessionInvalid);
    };
    let is_known = is_waiting(context, &user, key);
    if !is_known && !may_set_up(context, &user, Factor::Totp) {
        return Err(Refusal::ChallengeSessionInvalid);
    }
    let Some(step) = totp::matching_step(key, code, context.now) else {
        return Err(Refusal::TotpSetupMismatch);
    };
    let next = PendingStep::SetupProven { key: key.clone() };
    let session = pending.next(next, context).seal(context);
    if is_known {
        return Ok((session, Vec::new()));
    }
    let secret = context.sealer.seal_secret(sealing(&user), key, context.rng);
    user.mfa.totp = Some(Totp { secret, enabled: false, preferred: false, friendly_name });
    user.modified_at = context.now;
    let once = spend_code(context, &user.sub, key, step);
    Ok((session, vec![pending.spend(context.client), Change::UpdateUser(Box::new(user)), once]))
}

/// Completes a sign-in in whose course an authenticator app was set up; it is enabled and
/// preferred from now on.
pub fn decide_mfa_setup(
    context: DecisionContext<'_>,
    pending: &Pending,
    mut candidate: Candidate,
    lockout: &Lockout,
    entry_policy: &EntryPolicy,
) -> Decision {
    let PendingStep::SetupProven { key } = &pending.step else {
        return Decision::refuse(Refusal::ChallengeSessionInvalid, Vec::new());
    };
    if let Some(unseen) = decide_unseen(context, pending, &candidate, lockout, entry_policy) {
        return unseen;
    }
    // Somebody who knows only the password must not bypass a factor that was added in the meantime.
    if !is_waiting(context, &candidate.user, key) {
        return Decision::refuse(
            Refusal::ChallengeSessionInvalid,
            vec![pending.spend(context.client)],
        );
    }
    if let Some(totp) = &mut candidate.user.mfa.totp {
        (totp.enabled, totp.preferred) = (true, true);
    }
    candidate.user.modified_at = context.now;
    let update = Change::UpdateUser(Box::new(candidate.user.clone()));
    let result = Ok(done(candidate, pending.event.clone()));
    let settled = settle_lockout(lockout, &result);
    Decision { result, changes: vec![pending.spend(context.client), update, settled], reason: None }
}

/// Whether the app of this key was proven in a sign-in and is all that the user could be asked for.
fn is_waiting(context: DecisionContext<'_>, user: &User, key: &Secret) -> bool {
    let Some(totp) = user.mfa.totp.as_ref().filter(|totp| !totp.enabled) else { return false };
    let is_all =
        matches!(mfa::demanded(context.pool, user), Demand::One(mfa::Usable::SoftwareToken));
    let own = context.sealer.open_secret(sealing(user), &totp.secret);
    is_all && own.is_ok_and(|own| same_bytes(own.expose().as_bytes(), key.expose().as_bytes()))
}

fn sealing(user: &User) -> Context<'_> {
    totp_context(&user.pool, &user.sub)
}

/// Sends a code to the address that shall become the second factor. The session is good for one
/// address: so for one mail.
pub fn set_up_email(
    context: DecisionContext<'_>,
    pending: &Pending,
    candidate: &Candidate,
    address: &str,
    lockout: &Lockout,
    entry_policy: &EntryPolicy,
) -> Decision {
    if !matches!(pending.step, PendingStep::Setup | PendingStep::SetupKey(_)) {
        return Decision::refuse(Refusal::ChallengeSessionInvalid, Vec::new());
    }
    if let Some(unseen) = decide_unseen(context, pending, candidate, lockout, entry_policy) {
        return unseen;
    }
    if !may_set_up(context, &candidate.user, Factor::Email) {
        return Decision::refuse(
            Refusal::ChallengeSessionInvalid,
            vec![pending.spend(context.client)],
        );
    }
    if !is_email(address) {
        return Decision::refuse(Refusal::invalid(AttributeFlaw::EmailFormat), Vec::new());
    }
    let to = (Contact::Email, address);
    let (code, message) = sent_code::send(context, &candidate.user, to, sent_code::CODE_DIGITS);
    let step = PendingStep::SetupEmail { code, address: address.to_owned() };
    let kind = ChallengeKind::sent_code(Contact::Email, address);
    let result = Ok(asked(challenge::ask(context, candidate, pending.event.clone(), step, kind)));
    let settled = settle_lockout(lockout, &result);
    let changes = vec![pending.spend(context.client), candidate.unchanged(), settled, message];
    Decision { result, changes, reason: None }
}

/// Completes a sign-in in whose course an address was proven; it is the user's from now on, and
/// codes go there first.
pub fn decide_setup_email(
    context: DecisionContext<'_>,
    pending: &Pending,
    mut candidate: Candidate,
    code: &Secret,
    lockout: &Lockout,
    entry_policy: &EntryPolicy,
) -> Decision {
    let PendingStep::SetupEmail { code: expected, address } = &pending.step else {
        return Decision::refuse(Refusal::ChallengeSessionInvalid, Vec::new());
    };
    if let Some(unseen) = decide_unseen(context, pending, &candidate, lockout, entry_policy) {
        return unseen;
    }
    if !may_set_up(context, &candidate.user, Factor::Email) {
        return Decision::refuse(
            Refusal::ChallengeSessionInvalid,
            vec![pending.spend(context.client)],
        );
    }
    if !same_bytes(expected.expose().as_bytes(), code.expose().as_bytes()) {
        return wrong_code(context, pending, &candidate.user, lockout);
    }
    let user = &mut candidate.user;
    let before = user.clone();
    user.prove(Contact::Email, address, context.now);
    user.mfa.email = Some(CodeMfa { preferred: true });
    user.modified_at = context.now;
    let mut changes = vec![pending.spend(context.client)];
    changes.extend(context.pool.moved_aliases(&before, user));
    changes.push(Change::UpdateUser(Box::new(user.clone())));
    let result = Ok(done(candidate, pending.event.clone()));
    changes.push(settle_lockout(lockout, &result));
    Decision { result, changes, reason: None }
}

fn may_set_up(context: DecisionContext<'_>, user: &User, factor: Factor) -> bool {
    match mfa::demanded(context.pool, user) {
        Demand::Setup(choices) => choices.contains(&factor),
        _ => false,
    }
}
