use super::challenge::{self, Pending, PendingStep};
use super::software_token::{accepted, accepted_with, wrong_code};
use super::{Candidate, Decision, DecisionContext, decide_unseen};
use crate::backend::entry_policy::EntryPolicy;
use crate::backend::user_pool::{Challenge, ChallengeKind};
use crate::change::Change;
use crate::crypto::secret::{Secret, same_bytes};
use crate::entity::{Contact, MessagePurpose, User};
use crate::error::Refusal;
use crate::ids::{EventId, Username, random_text};
use crate::limits::lockout::Lockout;
use crate::message::{self, Notice};

pub(super) const CODE_DIGITS: usize = 6;

/// Asks for a code that is sent to the user, and sends it. The code travels in the sealed session,
/// so no session answers to another one's code.
pub(super) fn ask(
    context: DecisionContext<'_>,
    candidate: &Candidate,
    event: EventId,
    (contact, address): (Contact, &str),
) -> (Challenge, Change) {
    let (code, message) = send(context, &candidate.user, (contact, address), CODE_DIGITS);
    let kind = ChallengeKind::sent_code(contact, address);
    let step = PendingStep::SentCode { contact, code, address: address.to_owned() };
    (challenge::ask(context, candidate, event, step, kind), message)
}

/// Draws a code and writes the message that takes it there.
pub(super) fn send(
    context: DecisionContext<'_>,
    user: &User,
    (contact, to): (Contact, &str),
    digits: usize,
) -> (Secret, Change) {
    written(context, (Some(user), user.username.as_str()), (contact, to), digits)
}

/// The same for nobody, who could be called so: the message is never sent.
pub(super) fn send_nowhere(
    context: DecisionContext<'_>,
    called: &Username,
    to: (Contact, &str),
    digits: usize,
) -> (Secret, Change) {
    written(context, (None, called.as_str()), to, digits)
}

fn written(
    context: DecisionContext<'_>,
    (user, username): (Option<&User>, &str),
    (contact, to): (Contact, &str),
    digits: usize,
) -> (Secret, Change) {
    let code = Secret::new(random_text(context.rng, b"0123456789", digits));
    let purpose = MessagePurpose::SignInCode;
    let notice = Notice { purpose, contact, to, username, code: &code };
    let content = notice.compose(&context.pool.rules.templates);
    let parts = (context.sealer, context.rng, context.now);
    let expires_at = context.now.after(context.client.auth_session_validity);
    let (pool, channel) = (&context.pool.id, contact.channel());
    let message = match user {
        Some(user) => message::enqueue(parts, user, channel, purpose, expires_at, &content),
        None => message::enqueue_unsent(parts, pool, channel, purpose, expires_at, &content),
    };
    (code, message)
}

/// Decides on a code that was sent to this kind of address.
pub fn decide_sent_code(
    context: DecisionContext<'_>,
    pending: &Pending,
    mut candidate: Candidate,
    (contact, code): (Contact, &Secret),
    lockout: &Lockout,
    entry_policy: &EntryPolicy,
) -> Decision {
    let expected = match &pending.step {
        PendingStep::SentCode { contact: to, code, address } if *to == contact => (code, address),
        _ => return Decision::refuse(Refusal::ChallengeSessionInvalid, Vec::new()),
    };
    let (expected, address) = expected;
    if let Some(unseen) = decide_unseen(context, pending, &candidate, lockout, entry_policy) {
        return unseen;
    }
    // A code that went to an address the user no longer has proves nothing.
    if candidate.user.attributes.get(contact.attribute()) != Some(address) {
        return Decision::refuse(
            Refusal::ChallengeSessionInvalid,
            vec![pending.spend(context.client)],
        );
    }
    if !same_bytes(expected.expose().as_bytes(), code.expose().as_bytes()) {
        return wrong_code(context, pending, &candidate.user, lockout);
    }
    match prove_address(context, &mut candidate.user, contact) {
        Some(update) => accepted_with(context, pending, candidate, lockout, update),
        None => accepted(context, pending, candidate, lockout),
    }
}

/// Who read the code owns the address: the change, if that is news. Where verified addresses are
/// aliases this one might have an owner already, and verifying it has rules of its own.
pub(super) fn prove_address(
    context: DecisionContext<'_>,
    user: &mut User,
    contact: Contact,
) -> Option<Change> {
    let is_alias = context.pool.alias_attributes.contains(&contact.sign_in_name());
    if is_alias || user.attributes.flag(contact.verified_attribute()) {
        return None;
    }
    let address = user.attributes.get(contact.attribute())?.to_owned();
    user.prove(contact, &address, context.now);
    user.modified_at = context.now;
    Some(Change::UpdateUser(Box::new(user.clone())))
}
