use super::challenge::{self, Pending, PendingStep};
use super::{Candidate, Decision, DecisionContext, decide_unseen, done, lock, settle_lockout};
use crate::backend::entry_policy::EntryPolicy;
use crate::backend::user_pool::{Challenge, ChallengeKind};
use crate::change::Change;
use crate::crypto::seal::{Context, SealPurpose};
use crate::crypto::secret::Secret;
use crate::crypto::totp;
use crate::entity::{Spent, User};
use crate::error::{Fault, Refusal};
use crate::ids::{EventId, PoolId, Sub};
use crate::limits::lockout::Lockout;

pub(super) fn ask(
    context: DecisionContext<'_>,
    candidate: &Candidate,
    event: EventId,
) -> Challenge {
    let totp = candidate.user.mfa.totp.as_ref();
    let friendly_name = totp.and_then(|totp| totp.friendly_name.clone());
    let kind = ChallengeKind::SoftwareTokenMfa { friendly_name };
    challenge::ask(context, candidate, event, PendingStep::SoftwareToken, kind)
}

/// The context under which a user's TOTP key is sealed.
pub(crate) fn totp_context<'a>(pool: &'a PoolId, sub: &'a Sub) -> Context<'a> {
    Context { purpose: SealPurpose::Totp, pool, subject: sub.as_str() }
}

/// Decides on a code of the authenticator app. A code works once, whatever the session.
///
/// # Errors
///
/// [`Fault::Damaged`] if the user's TOTP key does not open. Refusals are in the [`Decision`].
pub fn decide_software_token(
    context: DecisionContext<'_>,
    pending: &Pending,
    candidate: Candidate,
    code: &Secret,
    lockout: &Lockout,
    entry_policy: &EntryPolicy,
) -> Result<Decision, Fault> {
    if !matches!(pending.step, PendingStep::SoftwareToken) {
        return Ok(Decision::refuse(Refusal::ChallengeSessionInvalid, Vec::new()));
    }
    if let Some(unseen) = decide_unseen(context, pending, &candidate, lockout, entry_policy) {
        return Ok(unseen);
    }
    let Some(totp) = &candidate.user.mfa.totp else {
        return Ok(Decision::refuse(Refusal::ChallengeSessionInvalid, Vec::new()));
    };
    let sealing = totp_context(&context.pool.id, &candidate.user.sub);
    let key = context.sealer.open_secret(sealing, &totp.secret);
    let key = key.map_err(|_| Fault::Damaged("TOTP key"))?;
    let Some(step) = totp::matching_step(&key, code.expose(), context.now) else {
        return Ok(wrong_code(context, pending, &candidate.user, lockout));
    };
    let once = spend_code(context, &candidate.user.sub, &key, step);
    let mut decision = accepted(context, pending, candidate, lockout);
    decision.changes.push(once);
    Ok(decision)
}

/// The change that lets a code of this time step, shown by this key, be used no more.
pub(crate) fn spend_code(
    context: DecisionContext<'_>,
    sub: &Sub,
    key: &Secret,
    step: i64,
) -> Change {
    let pool = &context.pool.id;
    let sealing = Context { purpose: SealPurpose::Totp, pool, subject: key.expose() };
    let key = context.sealer.pseudonym(sealing);
    let until = super::remembered(context.now.after(totp::CODE_LIFE));
    let spent = Spent::TotpCode { sub: sub.clone(), step, key };
    Change::Spend { pool: pool.clone(), spent, until }
}

/// A wrong code counts as a failed attempt. The session can be answered again, until the failures
/// lock the user out: then the whole sign-in must begin anew.
pub(super) fn wrong_code(
    context: DecisionContext<'_>,
    pending: &Pending,
    user: &User,
    lockout: &Lockout,
) -> Decision {
    failed(context, pending, (user, lockout), Refusal::CodeMismatch)
}

/// The same for any proof.
pub(super) fn failed(
    context: DecisionContext<'_>,
    pending: &Pending,
    (user, lockout): (&User, &Lockout),
    refusal: Refusal,
) -> Decision {
    let locks = lockout.after_failure(context.now).locked_until(context.now).is_some();
    let spent = locks.then(|| pending.spend(context.client));
    let failed = lock::failed(context, lockout, Some(user));
    Decision::refuse(refusal, spent.into_iter().chain(failed).collect())
}

/// The last step was passed.
pub(super) fn accepted(
    context: DecisionContext<'_>,
    pending: &Pending,
    candidate: Candidate,
    lockout: &Lockout,
) -> Decision {
    let unchanged = candidate.unchanged();
    accepted_with(context, pending, candidate, lockout, unchanged)
}

/// The last step was passed, and left a change on the user.
pub(super) fn accepted_with(
    context: DecisionContext<'_>,
    pending: &Pending,
    candidate: Candidate,
    lockout: &Lockout,
    change: Change,
) -> Decision {
    let result = Ok(done(candidate, pending.event.clone()));
    let settled = settle_lockout(lockout, &result);
    Decision { result, changes: vec![pending.spend(context.client), change, settled], reason: None }
}
