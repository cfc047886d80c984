use super::{Decision, DecisionContext};
use crate::change::Change;
use crate::entity::{Channel, MessagePurpose, User};
use crate::error::Refusal;
use crate::limits::lockout::{Lockout, MEMORY};
use crate::message;
use crate::request::Reason;
use crate::time::Timestamp;

/// Counts a failed attempt. If it begins a lock, the owner is told by mail, once until the failures
/// are forgotten. Nobody gets as much of a mail, which is never sent.
pub(crate) fn failed(
    context: DecisionContext<'_>,
    lockout: &Lockout,
    user: Option<&User>,
) -> Vec<Change> {
    let failed = lockout.after_failure(context.now);
    let notice = failed.begins_lock().then(|| notice(context, user));
    notice.into_iter().chain([Change::SetLockout(failed)]).collect()
}

/// Refuses an attempt unseen. Where users are hidden it looks like any that is wrong, down to what is
/// written: a lock that shows would tell which names are one user's, and who is known at which face.
pub(super) fn decide_locked(
    context: DecisionContext<'_>,
    lockout: &Lockout,
    until: Timestamp,
    wrong: Refusal,
) -> Decision {
    if context.client.hides_users {
        let (pool, subject) = (lockout.pool.clone(), lockout.subject.clone());
        let touched = vec![Change::TouchLockout { pool, subject }];
        return Decision::refuse(wrong, touched).because(Reason::LockedOut);
    }
    Decision::refuse(Refusal::LockedOut { until }, Vec::new())
}

/// Goes to a proven address and nowhere else: whoever fails on purpose sends mail to nobody who has
/// not asked for an account.
fn notice(context: DecisionContext<'_>, user: Option<&User>) -> Change {
    let parts = (context.sealer, context.rng, context.now);
    let (channel, purpose) = (Channel::Email, MessagePurpose::LockedOut);
    let expires_at = context.now.after(4 * MEMORY);
    let reachable = user.filter(|user| user.enabled && user.attributes.flag("email_verified"));
    if let Some(user) = reachable
        && let Some(to) = user.attributes.get("email")
    {
        let content = message::locked_out(to);
        return message::enqueue(parts, user, channel, purpose, expires_at, &content);
    }
    let content = message::locked_out("nobody@example.com");
    message::enqueue_unsent(parts, &context.pool.id, channel, purpose, expires_at, &content)
}
