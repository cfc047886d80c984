//! Passwords, and what comes after a right one.

use super::*;

fn attempt(
    scene: &Scene,
    candidate: Option<Candidate>,
    matches: bool,
    failures: u32,
    entry_policy: &EntryPolicy,
) -> Decision {
    let lockout = scene.failed(failures);
    decide_password(scene.context(), Attempt { candidate, matches, lockout, entry_policy })
}

/// Users in every state, and what each is told who brings the right password.
fn states(scene: &Scene) -> [(User, &'static str); 5] {
    let with = |status| scene.user_with(|user| user.status = status);
    [
        (scene.user(), "signed in"),
        (with(UserStatus::Unconfirmed), "UserNotConfirmed"),
        (with(UserStatus::ResetRequired), "PasswordResetRequired"),
        (with(UserStatus::ForceChangePassword), "NEW_PASSWORD_REQUIRED"),
        (scene.user_with(|user| user.enabled = false), "UserDisabled"),
    ]
}

#[test]
fn a_wrong_password_tells_nothing_of_the_user() {
    let mut scene = Scene::new(MfaMode::Off);
    let anybody = EntryPolicy::default();
    for (user, told) in states(&scene) {
        let candidate = candidate(user);
        let right = attempt(&scene, Some(candidate.clone()), true, 0, &anybody);
        assert_eq!(shown(&right), format!("{told}: ExpectUser ExpectNoLockout"));
        let wrong = attempt(&scene, Some(candidate), false, 0, &anybody);
        assert_eq!(shown(&wrong), "BadCredentials: SetLockout", "{told}");
        assert_eq!(wrong.reason, Some(Reason::WrongPassword), "{told}");
    }
    for (hides_users, expected) in
        [(true, "BadCredentials: SetLockout"), (false, "UserNotFound: SetLockout")]
    {
        scene.client.hides_users = hides_users;
        let unknown = attempt(&scene, None, false, 0, &anybody);
        assert_eq!(shown(&unknown), expected);
        assert_eq!(unknown.reason, Some(Reason::UnknownUser));
    }
}

#[test]
fn a_lock_is_for_people_and_for_names_that_lead_to_nobody() {
    let scene = Scene::new(MfaMode::Off);
    let (anybody, person) = (EntryPolicy::default(), candidate(scene.user()));
    let program = candidate(scene.user_with(|user| user.kind = Kind::Service));
    for (case, candidate, matches, expected) in [
        ("a person", Some(person), true, "BadCredentials: TouchLockout"),
        ("nobody", None, false, "BadCredentials: TouchLockout"),
        // Nobody guesses its secret, and a lock would only have it stand still.
        ("a program", Some(program.clone()), true, "signed in: ExpectUser"),
        ("a program's wrong secret", Some(program), false, "BadCredentials: TouchLockout"),
    ] {
        let decision = attempt(&scene, candidate, matches, 5, &anybody);
        assert_eq!(shown(&decision), expected, "{case}");
    }
}

#[test]
fn a_completed_sign_in_forgets_failures_and_a_step_of_one_does_not() {
    let scene = Scene::new(MfaMode::Optional);
    let (anybody, app) = (EntryPolicy::default(), scene.app());
    let plain = candidate(scene.user());
    let with_app = candidate(scene.user_with(|user| user.mfa.totp = Some(app)));
    let done = attempt(&scene, Some(plain), true, 4, &anybody);
    assert_eq!(shown(&done), "signed in: ExpectUser ClearLockout");
    let half_way = attempt(&scene, Some(with_app), true, 4, &anybody);
    assert_eq!(shown(&half_way), "SOFTWARE_TOKEN_MFA: ExpectUser SetLockout");
}

#[test]
fn a_face_that_conceals_the_state_of_accounts_has_wrong_passwords_alone() {
    let mut scene = Scene::new(MfaMode::Off);
    let late = scene.user_with(|user| user.status = UserStatus::ForceChangePassword);
    let disabled = scene.user_with(|user| user.enabled = false);
    scene.now = scene.now.after(Duration::from_hours(7 * 24));
    for (user, told, reason) in [
        (late, "TemporaryPasswordExpired", Reason::TemporaryPasswordExpired),
        (disabled, "UserDisabled", Reason::UserDisabled),
    ] {
        let candidate = candidate(user);
        let open = EntryPolicy::default();
        let decision = attempt(&scene, Some(candidate.clone()), true, 0, &open);
        assert_eq!(shown(&decision), format!("{told}: ExpectUser ExpectNoLockout"));
        let concealing = EntryPolicy { conceals_account_state: true, ..open };
        let decision = attempt(&scene, Some(candidate), true, 0, &concealing);
        assert_eq!(shown(&decision), "BadCredentials: SetLockout", "{told}");
        assert_eq!(decision.reason, Some(reason));
    }
}

#[test]
fn of_several_factors_the_user_chooses_unless_the_face_cannot_ask() {
    let scene = Scene::new(MfaMode::Optional);
    let (totp, email) = (Some(scene.app()), Some(CodeMfa { preferred: false }));
    let user = scene.user_with(|user| user.mfa = Mfa { totp, email, ..Mfa::default() });
    for (selection, expected) in [
        (Selection::ByUser, "SELECT_MFA_TYPE: ExpectUser ExpectNoLockout"),
        (Selection::Strongest, "SOFTWARE_TOKEN_MFA: ExpectUser ExpectNoLockout"),
    ] {
        let policy = EntryPolicy { selection, ..EntryPolicy::default() };
        let candidate = candidate(user.clone());
        assert_eq!(shown(&attempt(&scene, Some(candidate), true, 0, &policy)), expected);
    }
}

#[test]
fn a_trusted_device_replaces_a_factor_and_not_its_set_up() {
    let anybody = EntryPolicy::default();
    for (mfa, has_app, expected) in [
        (MfaMode::Optional, true, "signed in: ExpectUser ExpectNoLockout"),
        (MfaMode::On, false, "MFA_SETUP: ExpectUser ExpectNoLockout"),
    ] {
        let scene = Scene::new(mfa);
        let totp = has_app.then(|| scene.app());
        let user = scene.user_with(|user| user.mfa.totp = totp);
        let candidate = Candidate { is_trusted: true, ..candidate(user) };
        let decision = attempt(&scene, Some(candidate), true, 0, &anybody);
        assert_eq!(shown(&decision), expected, "{mfa:?}");
    }
}

#[test]
fn a_device_that_the_user_does_not_have_is_told_of_after_the_password() {
    let scene = Scene::new(MfaMode::Off);
    let claim = DeviceClaim::Named("key".into());
    let candidate = Candidate { claim, ..candidate(scene.user()) };
    for (matches, expected) in [
        (true, "DeviceNotFound: ExpectUser ExpectNoLockout"),
        (false, "BadCredentials: SetLockout"),
    ] {
        let candidate = Some(candidate.clone());
        let decision = attempt(&scene, candidate, matches, 0, &EntryPolicy::default());
        assert_eq!(shown(&decision), expected);
    }
}
