//! Second factors that are set up in the course of a sign-in.

use super::*;
use crate::crypto::totp;

/// A pool that insists on a second factor, and Ann without any address.
fn scene() -> (Scene, User) {
    let scene = Scene::new(MfaMode::On);
    let user = scene.user_with(|user| user.attributes = Attributes::default());
    (scene, user)
}

fn open(scene: &Scene, session: &Secret) -> Pending {
    Pending::open(&scene.client, session, &scene.sealer, scene.now).unwrap()
}

fn proven() -> PendingStep {
    PendingStep::SetupProven { key: KEY.into() }
}

fn mailed() -> PendingStep {
    PendingStep::SetupEmail { code: "123456".into(), address: ANN.to_owned() }
}

#[test]
fn an_app_is_set_up_by_a_code_of_the_key_that_was_handed_out() {
    let (scene, user) = scene();
    let (key, session) =
        associate(scene.context(), &scene.pending(&user, PendingStep::Setup), &user).unwrap();
    let pending = open(&scene, &session);
    // Who asks again gets another key.
    assert_ne!(associate(scene.context(), &pending, &user).unwrap().0, key);
    let prove = |code: &str| prove_association(scene.context(), &pending, user.clone(), code, None);
    assert_eq!(prove("wrong").unwrap_err(), Refusal::TotpSetupMismatch);
    let (session, changes) = prove(&totp::code(&key, scene.now).unwrap()).unwrap();
    // The app is the user's, even if the sign-in ends here.
    let [Change::Spend { .. }, Change::UpdateUser(with_app), Change::Spend { .. }] =
        changes.as_slice()
    else {
        panic!("{changes:?}")
    };
    assert!(!with_app.mfa.totp.as_ref().unwrap().enabled);
    // A client that lost the answer asks again. Nobody else gets another key.
    let code = totp::code(&key, scene.now).unwrap();
    let again = prove_association(scene.context(), &pending, (**with_app).clone(), &code, None);
    assert!(again.unwrap().1.is_empty());
    let late = associate(scene.context(), &pending, with_app);
    assert_eq!(late.unwrap_err(), Refusal::ChallengeSessionInvalid);
    let (pending, candidate) = (open(&scene, &session), candidate((**with_app).clone()));
    let (lockout, anybody) = (scene.failed(0), EntryPolicy::default());
    let decision = decide_mfa_setup(scene.context(), &pending, candidate, &lockout, &anybody);
    assert_eq!(shown(&decision), "signed in: Spend UpdateUser ExpectNoLockout");
    let now = updated(&decision).unwrap();
    let totp = now.mfa.totp.as_ref().unwrap();
    assert!(totp.enabled && totp.preferred);
    let sealing = totp_context(&now.pool, &now.sub);
    assert_eq!(scene.sealer.open_secret(sealing, &totp.secret), Ok(key));
}

#[test]
fn nothing_is_handed_out_or_proven_out_of_turn() {
    let (scene, user) = scene();
    for step in [
        PendingStep::SoftwareToken,
        PendingStep::SelectMfa,
        PendingStep::NewPassword,
        proven(),
        mailed(),
    ] {
        let pending = scene.pending(&user, step);
        let invalid = Refusal::ChallengeSessionInvalid;
        assert_eq!(
            associate(scene.context(), &pending, &user).unwrap_err(),
            invalid,
            "{pending:?}"
        );
        let proof = prove_association(scene.context(), &pending, user.clone(), "123456", None);
        assert_eq!(proof.unwrap_err(), invalid, "{pending:?}");
    }
}

#[test]
fn an_app_does_not_take_the_place_of_a_factor_that_came_meanwhile() {
    let (scene, user) = scene();
    let app = |key: &str| {
        let sealing = totp_context(&user.pool, &user.sub);
        let secret = scene.sealer.seal_secret(sealing, &key.into(), &scene.rng);
        Some(Totp { secret, enabled: false, ..scene.app() })
    };
    let with = |change: &dyn Fn(&mut User)| {
        let mut user = user.clone();
        change(&mut user);
        user
    };
    let proven_app = with(&|user| user.mfa.totp = app(KEY));
    let other_app = with(&|user| user.mfa.totp = app("MFRGGZDFMZTWQ2LK"));
    let enabled = with(&|user| user.mfa.totp = Some(scene.app()));
    let mut mail = scene.user();
    mail.mfa.totp = app(KEY);
    mail.mfa.email = Some(CodeMfa { preferred: false });
    for (case, found, step, expected) in [
        ("the app", &proven_app, proven(), "signed in: Spend UpdateUser ExpectNoLockout"),
        ("removed", &user, proven(), "ChallengeSessionInvalid: Spend"),
        ("enabled", &enabled, proven(), "ChallengeSessionInvalid: Spend"),
        ("another app", &other_app, proven(), "ChallengeSessionInvalid: Spend"),
        ("mail", &mail, proven(), "ChallengeSessionInvalid: Spend"),
        ("not proven", &user, PendingStep::SetupKey(KEY.into()), "ChallengeSessionInvalid:"),
    ] {
        let (pending, candidate) = (scene.pending(found, step), candidate(found.clone()));
        let (lockout, anybody) = (scene.failed(0), EntryPolicy::default());
        let decision = decide_mfa_setup(scene.context(), &pending, candidate, &lockout, &anybody);
        assert_eq!(shown(&decision), expected, "{case}");
    }
}

#[test]
fn a_code_goes_to_a_new_address_of_who_has_none() {
    let (scene, user) = scene();
    let with_address = scene.user();
    for (case, found, step, address, expected) in [
        (
            "new",
            &user,
            PendingStep::Setup,
            ANN,
            "EMAIL_OTP: Spend ExpectUser ExpectNoLockout Enqueue",
        ),
        ("malformed", &user, PendingStep::Setup, "nowhere", "Invalid:"),
        // It is the way back in, and nobody replaces it by the password alone.
        (
            "beside one",
            &with_address,
            PendingStep::Setup,
            "eve@example.com",
            "ChallengeSessionInvalid: Spend",
        ),
        ("out of turn", &user, PendingStep::SelectMfa, ANN, "ChallengeSessionInvalid:"),
    ] {
        let (pending, candidate) = (scene.pending(found, step), candidate(found.clone()));
        let (lockout, anybody) = (scene.failed(0), EntryPolicy::default());
        let decision =
            set_up_email(scene.context(), &pending, &candidate, address, &lockout, &anybody);
        assert_eq!(shown(&decision), expected, "{case}");
    }
}

#[test]
fn the_address_is_proven_by_the_code_that_went_there() {
    let (scene, user) = scene();
    for (code, step, failures, expected) in [
        ("123456", mailed(), 0, "signed in: Spend UpdateUser ExpectNoLockout"),
        ("123457", mailed(), 0, "CodeMismatch: SetLockout"),
        ("123457", mailed(), 4, "CodeMismatch: Spend Enqueue SetLockout"),
        ("123456", mailed(), 5, "LockedOut:"),
        ("123456", PendingStep::Setup, 0, "ChallengeSessionInvalid:"),
    ] {
        let (pending, candidate) = (scene.pending(&user, step), candidate(user.clone()));
        let (lockout, anybody) = (scene.failed(failures), EntryPolicy::default());
        let (context, code) = (scene.context(), Secret::from(code));
        let decision = decide_setup_email(context, &pending, candidate, &code, &lockout, &anybody);
        assert_eq!(shown(&decision), expected);
        if let Some(now) = updated(&decision) {
            assert!(now.has_proven(Contact::Email));
            assert_eq!(now.mfa.email, Some(CodeMfa { preferred: true }));
        }
    }
}
