use super::challenge::{self, Pending, Step};
use super::software_token::{accepted, accepted_with, wrong_code};
use super::{Candidate, Decision, Scene, decide_unseen};
use crate::change::Change;
use crate::entity::{Channel, Contact, Purpose, SignInName};
use crate::error::Refusal;
use crate::ids::{EventId, random_text};
use crate::lockout::Lockout;
use crate::message::{self, Notice};
use crate::secret::{Secret, same_bytes};
use crate::user_pool::{Admission, Challenge, ChallengeKind};

const CODE_DIGITS: usize = 6;

/// Asks for a code and puts the mail that carries it into the outbox.
pub(super) fn ask(
    scene: Scene<'_>,
    candidate: &Candidate,
    event: EventId,
    address: &str,
) -> (Challenge, Change) {
    let code = Secret::new(random_text(scene.rng, b"0123456789", CODE_DIGITS));
    let (channel, purpose) = (Channel::Email, Purpose::SignInCode);
    let username = candidate.user.username.as_str();
    let notice = Notice { purpose, contact: Contact::Email, to: address, username, code: &code };
    let content = notice.compose(&scene.pool.rules.templates);
    let mail = message::enqueue(
        (scene.sealer, scene.rng, scene.now),
        &candidate.user,
        channel,
        purpose,
        &content,
    );
    let kind = ChallengeKind::EmailOtp { destination: message::mask_address(address) };
    let step = Step::EmailCode { code, address: address.to_owned() };
    (challenge::ask(scene, candidate, event, step, kind), mail)
}

/// Decides on a code that was mailed. It belongs to this session alone.
pub fn decide_email_code(
    scene: Scene<'_>,
    pending: &Pending,
    mut candidate: Candidate,
    code: &Secret,
    lockout: &Lockout,
    admission: &Admission,
) -> Decision {
    let Step::EmailCode { code: expected, address } = &pending.step else {
        return Decision::refuse(Refusal::SessionInvalid, Vec::new());
    };
    if let Some(unseen) = decide_unseen(scene, pending, &candidate, lockout, admission) {
        return unseen;
    }
    // A code that went to an address the user no longer has proves nothing.
    if candidate.user.attributes.get("email") != Some(address) {
        return Decision::refuse(Refusal::SessionInvalid, vec![pending.spend(scene.client)]);
    }
    if !same_bytes(expected.expose().as_bytes(), code.expose().as_bytes()) {
        return wrong_code(scene, pending, lockout);
    }
    let user = &mut candidate.user;
    let is_alias = scene.pool.alias_attributes.contains(&SignInName::Email);
    if is_alias || user.attributes.flag("email_verified") {
        return accepted(scene, pending, candidate, lockout);
    }
    // Who read the code owns the address. Where verified addresses are aliases it might have an
    // owner already, and verifying it has rules of its own.
    user.attributes.set("email_verified", "true");
    user.modified_at = scene.now;
    let update = Change::UpdateUser(Box::new(user.clone()));
    accepted_with(scene, pending, candidate, lockout, update)
}
