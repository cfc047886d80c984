use super::challenge::{self, Pending, Step};
use super::mfa::{self, Demand};
use super::{Candidate, Decision, Scene, asked, decide_unseen, settle_lockout};
use super::{email_code, software_token};
use crate::error::Refusal;
use crate::ids::EventId;
use crate::lockout::Lockout;
use crate::user_pool::{Admission, Challenge, ChallengeKind, Factor};

/// Asks which of the user's factors to go on with.
pub(super) fn ask(scene: Scene<'_>, candidate: &Candidate, event: EventId) -> Challenge {
    let kind = ChallengeKind::SelectMfaType { choices: mfa::enabled_factors(&candidate.user) };
    challenge::ask(scene, candidate, event, Step::SelectMfa, kind)
}

/// Goes on with the factor that the user chose, in a session of its own. No mail is sent before
/// this, and the session is good for one choice: so for one mail.
pub fn decide_select_mfa(
    scene: Scene<'_>,
    pending: &Pending,
    candidate: &Candidate,
    factor: Factor,
    lockout: &Lockout,
    admission: &Admission,
) -> Decision {
    if !matches!(pending.step, Step::SelectMfa) {
        return Decision::refuse(Refusal::SessionInvalid, Vec::new());
    }
    if let Some(unseen) = decide_unseen(scene, pending, candidate, lockout, admission) {
        return unseen;
    }
    // Factors that were switched off, or preferred, meanwhile leave nothing to choose. Whoever knows
    // only the password must not get by the one that is asked for now.
    let Demand::Select { address } = mfa::demanded(scene.pool, &candidate.user) else {
        return Decision::refuse(Refusal::SessionInvalid, vec![pending.spend(scene.client)]);
    };
    let event = pending.event.clone();
    let (challenge, message) = match factor {
        Factor::Totp => (software_token::ask(scene, candidate, event), None),
        Factor::Email => {
            let (challenge, message) = email_code::ask(scene, candidate, event, &address);
            (challenge, Some(message))
        }
    };
    let result = Ok(asked(challenge));
    let settled = settle_lockout(lockout, &result);
    let mut changes = vec![pending.spend(scene.client), candidate.unchanged(), settled];
    changes.extend(message);
    Decision { result, changes }
}
