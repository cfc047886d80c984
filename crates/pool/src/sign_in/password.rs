use super::{
    Candidate, Decision, DecisionContext, Progress, after_first_factor, is_service, lock,
    settle_lockout,
};
use crate::backend::entry_policy::EntryPolicy;
use crate::entity::{Face, UserStatus};
use crate::error::Refusal;
use crate::limits::lockout::Lockout;
use crate::request::Reason;

/// A password attempt with all that was loaded and computed for it.
#[derive(Debug)]
pub struct Attempt<'a> {
    /// The user the name led to, if any.
    pub candidate: Option<Candidate>,
    /// Whether the password is the user's. Always computed, against a decoy if need be.
    pub matches: bool,
    /// The subject's failures so far.
    pub lockout: Lockout,
    /// Who may come in.
    pub entry_policy: &'a EntryPolicy,
}

/// Decides on a password.
///
/// Nothing is told about the user, not even that there is one, before the password was right, unless
/// the app client tells who exists. Cognito tells a disabled user earlier, which tells strangers who
/// is disabled.
pub fn decide_password(context: DecisionContext<'_>, attempt: Attempt<'_>) -> Decision {
    let Attempt { candidate, matches, lockout, entry_policy } = attempt;
    // Nobody guesses a machine's secret. To lock it out would only serve who wants it to stand still.
    let is_machine = candidate.as_ref().is_some_and(|found| matches && is_service(&found.user));
    let locked = lockout.locked_until(context.now);
    if let Some(until) = locked.filter(|_| !is_machine) {
        return lock::decide_locked(context, &lockout, until, Refusal::BadCredentials);
    }
    let exists = candidate.is_some();
    let is_unconfirmed = told_unconfirmed(context, candidate.as_ref(), entry_policy);
    let failed = lock::failed(context, &lockout, candidate.as_ref().map(|found| &found.user));
    let wrong = |refusal, reason| Decision::refuse(refusal, failed).because(reason);
    let Some(candidate) = candidate.filter(|_| matches) else {
        let refusal = match exists || context.client.hides_users {
            true if is_unconfirmed => Refusal::UserNotConfirmed,
            true => Refusal::BadCredentials,
            false => Refusal::UserNotFound,
        };
        return wrong(refusal, if exists { Reason::WrongPassword } else { Reason::UnknownUser });
    };
    let unchanged = candidate.unchanged();
    let (result, mut changes) = after_first_factor(context, candidate, entry_policy);
    if let Some(reason) = concealed(&result, entry_policy) {
        return match locked {
            Some(until) => lock::decide_locked(context, &lockout, until, Refusal::BadCredentials),
            None => wrong(Refusal::BadCredentials, reason),
        };
    }
    changes.push(unchanged);
    if !is_machine {
        changes.push(settle_lockout(&lockout, &result));
    }
    Decision { result, changes, reason: None }
}

/// Whether a user is told to be unconfirmed whatever the password, as at Amazon: only by Cognito's
/// protocol, and only where the app client tells who exists.
fn told_unconfirmed(
    context: DecisionContext<'_>,
    candidate: Option<&Candidate>,
    entry_policy: &EntryPolicy,
) -> bool {
    let tells = !context.client.hides_users && entry_policy.face == Face::Cognito;
    tells
        && candidate.is_some_and(|found| {
            found.user.status == UserStatus::Unconfirmed && found.is_expected(entry_policy)
        })
}

/// Why a user who proved the password is refused as if it were wrong, if so.
fn concealed(result: &Result<Progress, Refusal>, entry_policy: &EntryPolicy) -> Option<Reason> {
    let refusal = result.as_ref().err().filter(|refusal| entry_policy.conceals(refusal))?;
    Some(match refusal {
        Refusal::UserDisabled | Refusal::Barred => Reason::UserDisabled,
        Refusal::TemporaryPasswordExpired => Reason::TemporaryPasswordExpired,
        _ => Reason::NotExpectedHere,
    })
}
