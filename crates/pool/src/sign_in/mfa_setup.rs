use super::challenge::{self, Pending, Step};
use super::mfa::{self, Demand};
use super::software_token::{spend_code, totp_context};
use super::{Candidate, Decision, Scene, decide_unseen, done, settle_lockout};
use crate::change::Change;
use crate::entity::Totp;
use crate::error::Refusal;
use crate::ids::EventId;
use crate::lockout::Lockout;
use crate::secret::Secret;
use crate::totp;
use crate::user_pool::{Admission, Challenge, ChallengeKind};

pub(super) fn ask(scene: Scene<'_>, candidate: &Candidate, event: EventId) -> Challenge {
    challenge::ask(scene, candidate, event, Step::Setup, ChallengeKind::MfaSetup)
}

/// Hands out a key for an authenticator app (`AssociateSoftwareToken` with a session). Nothing is
/// stored: the key travels in the next session.
pub fn associate(scene: Scene<'_>, pending: &Pending) -> Result<(Secret, Secret), Refusal> {
    match pending.step {
        Step::Setup | Step::SetupKey(_) => {}
        _ => return Err(Refusal::SessionInvalid),
    }
    let key = totp::random_key(scene.rng);
    let session = pending.next(Step::SetupKey(key.clone()), scene).seal(scene);
    Ok((key, session))
}

/// Checks that the app shows the key's codes (`VerifySoftwareToken` with a session) and gives the
/// session with which `MFA_SETUP` can be answered.
pub fn prove_association(
    scene: Scene<'_>,
    pending: &Pending,
    code: &str,
    friendly_name: Option<String>,
) -> Result<Secret, Refusal> {
    let Step::SetupKey(key) = &pending.step else {
        return Err(Refusal::SessionInvalid);
    };
    let Some(step) = totp::matching_step(key, code, scene.now) else {
        return Err(Refusal::TotpSetupMismatch);
    };
    let step = Step::SetupProven { key: key.clone(), friendly_name, step };
    Ok(pending.next(step, scene).seal(scene))
}

/// Completes a sign-in in whose course an authenticator app was set up; it is enabled and
/// preferred from now on.
pub fn decide_mfa_setup(
    scene: Scene<'_>,
    pending: &Pending,
    mut candidate: Candidate,
    lockout: &Lockout,
    admission: &Admission,
) -> Decision {
    let Step::SetupProven { key, friendly_name, step } = &pending.step else {
        return Decision::refuse(Refusal::SessionInvalid, Vec::new());
    };
    if let Some(unseen) = decide_unseen(scene, pending, &candidate, lockout, admission) {
        return unseen;
    }
    // Somebody who knows only the password must not replace a factor that was set up meanwhile, nor
    // get by one that is asked for instead.
    if !matches!(mfa::demanded(scene.pool, &candidate.user), Demand::Setup) {
        return Decision::refuse(Refusal::SessionInvalid, vec![pending.spend(scene.client)]);
    }
    let context = totp_context(&scene.pool.id, &candidate.user.sub);
    candidate.user.mfa.totp = Some(Totp {
        secret: scene.sealer.seal_secret(context, key, scene.rng),
        enabled: true,
        preferred: true,
        friendly_name: friendly_name.clone(),
    });
    candidate.user.modified_at = scene.now;
    let update = Change::UpdateUser(Box::new(candidate.user.clone()));
    let once = spend_code(scene, &candidate.user.sub, key, *step);
    let result = Ok(done(candidate, pending.event.clone()));
    let settled = settle_lockout(lockout, &result);
    Decision { result, changes: vec![pending.spend(scene.client), update, once, settled] }
}
