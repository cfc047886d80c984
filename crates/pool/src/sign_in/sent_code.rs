use super::challenge::{self, Pending, Step};
use super::software_token::{accepted, accepted_with, wrong_code};
use super::{Candidate, Decision, Scene, decide_unseen};
use crate::change::Change;
use crate::entity::{Contact, Purpose, User};
use crate::error::Refusal;
use crate::ids::{EventId, Username, random_text};
use crate::lockout::Lockout;
use crate::message::{self, Notice};
use crate::secret::{Secret, same_bytes};
use crate::user_pool::{Admission, Challenge, ChallengeKind};

pub(super) const CODE_DIGITS: usize = 6;

/// Asks for a code that is sent to the user, and sends it. The code travels in the sealed session,
/// so no session answers to another one's code.
pub(super) fn ask(
    scene: Scene<'_>,
    candidate: &Candidate,
    event: EventId,
    (contact, address): (Contact, &str),
) -> (Challenge, Change) {
    let (code, message) = send(scene, &candidate.user, (contact, address), CODE_DIGITS);
    let kind = ChallengeKind::sent_code(contact, address);
    let step = Step::SentCode { contact, code, address: address.to_owned() };
    (challenge::ask(scene, candidate, event, step, kind), message)
}

/// Draws a code and writes the message that takes it there.
pub(super) fn send(
    scene: Scene<'_>,
    user: &User,
    (contact, to): (Contact, &str),
    digits: usize,
) -> (Secret, Change) {
    written(scene, (Some(user), user.username.as_str()), (contact, to), digits)
}

/// The same for nobody, who could be called so: the message is never sent.
pub(super) fn send_nowhere(
    scene: Scene<'_>,
    called: &Username,
    to: (Contact, &str),
    digits: usize,
) -> (Secret, Change) {
    written(scene, (None, called.as_str()), to, digits)
}

fn written(
    scene: Scene<'_>,
    (user, username): (Option<&User>, &str),
    (contact, to): (Contact, &str),
    digits: usize,
) -> (Secret, Change) {
    let code = Secret::new(random_text(scene.rng, b"0123456789", digits));
    let purpose = Purpose::SignInCode;
    let notice = Notice { purpose, contact, to, username, code: &code };
    let content = notice.compose(&scene.pool.rules.templates);
    let parts = (scene.sealer, scene.rng, scene.now);
    let expires_at = scene.now.after(scene.client.auth_session_validity);
    let (pool, channel) = (&scene.pool.id, contact.channel());
    let message = match user {
        Some(user) => message::enqueue(parts, user, channel, purpose, expires_at, &content),
        None => message::enqueue_unsent(parts, pool, channel, purpose, expires_at, &content),
    };
    (code, message)
}

/// Decides on a code that was sent to this kind of address.
pub fn decide_sent_code(
    scene: Scene<'_>,
    pending: &Pending,
    mut candidate: Candidate,
    (contact, code): (Contact, &Secret),
    lockout: &Lockout,
    admission: &Admission,
) -> Decision {
    let expected = match &pending.step {
        Step::SentCode { contact: to, code, address } if *to == contact => (code, address),
        _ => return Decision::refuse(Refusal::SessionInvalid, Vec::new()),
    };
    let (expected, address) = expected;
    if let Some(unseen) = decide_unseen(scene, pending, &candidate, lockout, admission) {
        return unseen;
    }
    // A code that went to an address the user no longer has proves nothing.
    if candidate.user.attributes.get(contact.attribute()) != Some(address) {
        return Decision::refuse(Refusal::SessionInvalid, vec![pending.spend(scene.client)]);
    }
    if !same_bytes(expected.expose().as_bytes(), code.expose().as_bytes()) {
        return wrong_code(scene, pending, &candidate.user, lockout);
    }
    match prove_address(scene, &mut candidate.user, contact) {
        Some(update) => accepted_with(scene, pending, candidate, lockout, update),
        None => accepted(scene, pending, candidate, lockout),
    }
}

/// Who read the code owns the address: the change, if that is news. Where verified addresses are
/// aliases this one might have an owner already, and verifying it has rules of its own.
pub(super) fn prove_address(scene: Scene<'_>, user: &mut User, contact: Contact) -> Option<Change> {
    let is_alias = scene.pool.alias_attributes.contains(&contact.sign_in_name());
    if is_alias || user.attributes.flag(contact.verified_attribute()) {
        return None;
    }
    let address = user.attributes.get(contact.attribute())?.to_owned();
    user.prove(contact, &address, scene.now);
    user.modified_at = scene.now;
    Some(Change::UpdateUser(Box::new(user.clone())))
}
