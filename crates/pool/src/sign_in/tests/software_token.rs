//! Codes of an authenticator app.

use super::*;
use crate::crypto::totp;
use crate::error::Fault;

/// Ann with her app.
fn scene() -> (Scene, User) {
    let scene = Scene::new(MfaMode::Optional);
    let totp = Some(scene.app());
    let user = scene.user_with(|user| user.mfa.totp = totp);
    (scene, user)
}

fn decide(
    scene: &Scene,
    user: &User,
    (step, code): (PendingStep, &str),
    failures: u32,
) -> Result<Decision, Fault> {
    let pending = scene.pending(user, step);
    let (candidate, lockout) = (candidate(user.clone()), scene.failed(failures));
    let (code, anybody) = (Secret::from(code), EntryPolicy::default());
    decide_software_token(scene.context(), &pending, candidate, &code, &lockout, &anybody)
}

/// What the app shows, by a clock that is so many seconds wrong.
fn code(scene: &Scene, off: i64) -> String {
    totp::code(&KEY.into(), Timestamp::from_seconds(scene.now.seconds() + off)).unwrap()
}

#[test]
fn the_code_of_the_moment_or_of_the_one_beside_it_completes() {
    let (scene, user) = scene();
    for (off, expected) in [
        (-60, "CodeMismatch: SetLockout"),
        (-30, "signed in: Spend ExpectUser ExpectNoLockout Spend"),
        (0, "signed in: Spend ExpectUser ExpectNoLockout Spend"),
        (30, "signed in: Spend ExpectUser ExpectNoLockout Spend"),
        (60, "CodeMismatch: SetLockout"),
    ] {
        let code = code(&scene, off);
        let decision = decide(&scene, &user, (PendingStep::SoftwareToken, &code), 0).unwrap();
        assert_eq!(shown(&decision), expected, "{off}");
    }
}

#[test]
fn a_right_code_forgets_failures_and_the_fifth_wrong_one_ends_the_session() {
    let (scene, user) = scene();
    let right = code(&scene, 0);
    for (code, failures, expected) in [
        (right.as_str(), 4, "signed in: Spend ExpectUser ClearLockout Spend"),
        ("", 0, "CodeMismatch: SetLockout"),
        ("000 000", 3, "CodeMismatch: SetLockout"),
        ("wrong", 4, "CodeMismatch: Spend Enqueue SetLockout"),
        (right.as_str(), 5, "LockedOut:"),
    ] {
        let decision = decide(&scene, &user, (PendingStep::SoftwareToken, code), failures).unwrap();
        assert_eq!(shown(&decision), expected, "{code:?} after {failures}");
    }
}

#[test]
fn no_code_counts_without_the_question_or_the_app() {
    let (scene, user) = scene();
    let code = code(&scene, 0);
    let otherwise_asked = decide(&scene, &user, (PendingStep::SelectMfa, &code), 0).unwrap();
    assert_eq!(shown(&otherwise_asked), "ChallengeSessionInvalid:");
    let gone = decide(&scene, &scene.user(), (PendingStep::SoftwareToken, &code), 0).unwrap();
    assert_eq!(shown(&gone), "ChallengeSessionInvalid:");
    let mut damaged = user.clone();
    damaged.mfa.totp.as_mut().unwrap().secret = Sealed::from_bytes(vec![1, 2, 3]);
    let fault = decide(&scene, &damaged, (PendingStep::SoftwareToken, &code), 0).unwrap_err();
    assert!(matches!(fault, Fault::Damaged("TOTP key")), "{fault:?}");
}

/// Whatever the session: else a code that was looked over a shoulder would do for another one.
#[test]
fn a_code_is_spent_for_its_user_its_key_and_its_moment() {
    let (scene, _) = scene();
    let spent = |sub: &str, key: &str, step| {
        let change = spend_code(scene.context(), &sub.into(), &key.into(), step);
        let Change::Spend { spent, until, .. } = change else { panic!("{change:?}") };
        assert_eq!(until, remembered(scene.now.after(totp::CODE_LIFE)));
        spent.stored()
    };
    let first = spent("sub", KEY, 7);
    assert_eq!(spent("sub", KEY, 7), first);
    for other in [spent("other", KEY, 7), spent("sub", "MFRGGZDFMZTWQ2LK", 7), spent("sub", KEY, 8)]
    {
        assert_ne!(other, first);
    }
    assert!(!first.contains(KEY), "{first}");
}
