//! Codes that were sent as a second factor.

use super::*;
use crate::entity::SignInName;

const CODE: &str = "123456";

/// That a code was sent to this address.
fn step(address: &str) -> PendingStep {
    let (contact, address) = (Contact::Email, address.to_owned());
    PendingStep::SentCode { contact, code: CODE.into(), address }
}

fn decide(
    scene: &Scene,
    user: &User,
    step: PendingStep,
    (contact, code): (Contact, &str),
    failures: u32,
) -> Decision {
    let pending = scene.pending(user, step);
    let (candidate, lockout) = (candidate(user.clone()), scene.failed(failures));
    let (code, anybody) = (Secret::from(code), EntryPolicy::default());
    decide_sent_code(scene.context(), &pending, candidate, (contact, &code), &lockout, &anybody)
}

#[test]
fn the_code_that_was_sent_completes_and_no_other() {
    let (scene, mail) = (Scene::new(MfaMode::Optional), Contact::Email);
    let user = scene.user();
    for (case, step, answer, failures, expected) in [
        ("right", step(ANN), (mail, CODE), 0, "signed in: Spend ExpectUser ExpectNoLockout"),
        ("after failures", step(ANN), (mail, CODE), 4, "signed in: Spend ExpectUser ClearLockout"),
        ("wrong", step(ANN), (mail, "123457"), 0, "CodeMismatch: SetLockout"),
        ("longer", step(ANN), (mail, "1234567"), 0, "CodeMismatch: SetLockout"),
        ("none", step(ANN), (mail, ""), 0, "CodeMismatch: SetLockout"),
        ("fifth", step(ANN), (mail, ""), 4, "CodeMismatch: Spend Enqueue SetLockout"),
        ("locked", step(ANN), (mail, CODE), 5, "LockedOut:"),
        ("by phone", step(ANN), (Contact::PhoneNumber, CODE), 0, "ChallengeSessionInvalid:"),
        ("not asked for", PendingStep::SoftwareToken, (mail, CODE), 0, "ChallengeSessionInvalid:"),
        // What went to an address that the user has no more proves nothing.
        ("moved", step("old@example.com"), (mail, CODE), 0, "ChallengeSessionInvalid: Spend"),
    ] {
        let decision = decide(&scene, &user, step, answer, failures);
        assert_eq!(shown(&decision), expected, "{case}");
    }
}

#[test]
fn who_reads_the_code_owns_the_address() {
    let mut scene = Scene::new(MfaMode::Optional);
    let unproven = scene.user_with(|user| user.attributes.set("email_verified", "false"));
    let answer = (Contact::Email, CODE);
    let decision = decide(&scene, &unproven, step(ANN), answer, 0);
    assert_eq!(shown(&decision), "signed in: Spend UpdateUser ExpectNoLockout");
    assert!(updated(&decision).unwrap().has_proven(Contact::Email));
    // Where it would become a name, another user might have it: verifying has rules of its own.
    scene.pool.alias_attributes.push(SignInName::Email);
    let decision = decide(&scene, &unproven, step(ANN), answer, 0);
    assert_eq!(shown(&decision), "signed in: Spend ExpectUser ExpectNoLockout");
}
