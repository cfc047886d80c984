//! Sign-ins by a sign-up that was just confirmed.

use super::*;

fn decide(scene: &Scene, fresh: &FreshSignUp, user: &User, failures: u32) -> Decision {
    let (candidate, lockout) = (candidate(user.clone()), scene.failed(failures));
    decide_signed_up(scene.context(), fresh, candidate, &lockout, &EntryPolicy::default())
}

#[test]
fn a_confirmed_sign_up_stands_in_for_the_password_and_for_nothing_else() {
    let scene = Scene::new(MfaMode::Optional);
    let user = scene.user();
    let mut with_mail = user.clone();
    with_mail.mfa.email = Some(CodeMfa { preferred: false });
    let disabled = User { enabled: false, ..user.clone() };
    let unconfirmed = User { status: UserStatus::Unconfirmed, ..user.clone() };
    let fresh = FreshSignUp::begin(scene.context(), &user).confirm(scene.context());
    for (case, user, failures, expected) in [
        ("nothing due", &user, 0, "signed in: Spend ExpectUser ExpectNoLockout"),
        ("after failures", &user, 4, "signed in: Spend ExpectUser ClearLockout"),
        ("mail", &with_mail, 0, "EMAIL_OTP: Enqueue Spend ExpectUser ExpectNoLockout"),
        ("locked", &user, 5, "LockedOut:"),
        ("disabled", &disabled, 0, "UserDisabled: Spend ExpectUser ExpectNoLockout"),
        ("unconfirmed", &unconfirmed, 0, "UserNotConfirmed: Spend ExpectUser ExpectNoLockout"),
    ] {
        assert_eq!(shown(&decide(&scene, &fresh, user, failures)), expected, "{case}");
    }
}

#[test]
fn one_that_is_not_confirmed_or_of_another_password_is_none() {
    let scene = Scene::new(MfaMode::Off);
    let user = scene.user();
    let begun = FreshSignUp::begin(scene.context(), &user);
    assert_eq!(shown(&decide(&scene, &begun, &user, 0)), "ChallengeSessionInvalid:");
    let fresh = begun.confirm(scene.context());
    let later = scene.now.after(Duration::from_secs(1));
    for changed in [
        User { password_set_at: later, ..user.clone() },
        User { signed_out_at: Some(later), ..user.clone() },
    ] {
        assert_eq!(shown(&decide(&scene, &fresh, &changed, 0)), "ChallengeSessionInvalid:");
    }
}
