//! What may stand in the password's place.

use super::*;
use crate::backend::user_pool::FirstChoice::{EmailOtp, Password, PasswordSrp, SmsOtp};
use crate::entity::{FirstFactor, Proof};

/// A pool that lets people in by codes alone.
fn scene(mfa: MfaMode) -> Scene {
    let mut scene = Scene::new(mfa);
    scene.pool.rules.first_factors = vec![FirstFactor::EmailOtp, FirstFactor::SmsOtp];
    scene
}

/// A sign-in that waits for a code, and the code.
fn sent(scene: &Scene, user: &User) -> (PendingFirst, Secret) {
    let (found, to) = ((Some(user), ANN), (Contact::Email, ANN));
    let reachable = (Some(user), &user.username);
    let (pending, message) = PendingFirst::code(scene.context(), found, reachable, to);
    (pending, scene.read(&message).code.unwrap())
}

fn decide(
    scene: &Scene,
    pending: &PendingFirst,
    user: Option<&User>,
    code: &Secret,
    failures: u32,
) -> Decision {
    let candidate = user.map(|user| candidate(user.clone()));
    let (lockout, anybody) = (scene.failed(failures), EntryPolicy::default());
    decide_first_code(scene.context(), pending, candidate, code, &lockout, &anybody)
}

#[test]
fn codes_stand_alone_for_who_has_proven_the_address_and_needs_no_second_factor() {
    let scene = scene(MfaMode::Optional);
    let both = || vec![PasswordSrp, Password];
    let and = |code| [both(), vec![code]].concat();
    let app = scene.app();
    let doubtful = Proof { address: ANN.to_owned(), at: scene.now, is_doubtful: true };
    let unconfirmed = |user: &mut User| {
        user.status = UserStatus::Unconfirmed;
        user.attributes.set("email_verified", "false");
        user.attributes.set("phone_number", "+14325551212");
    };
    for (case, user, expected) in [
        ("proven", scene.user(), and(EmailOtp)),
        ("no password", scene.user_with(|user| user.password = None), vec![EmailOtp]),
        ("unproven", scene.user_with(|user| user.attributes.set("email_verified", "")), both()),
        (
            "in doubt",
            scene.user_with(|user| {
                user.provenance.proofs.insert(Contact::Email, doubtful);
            }),
            both(),
        ),
        ("a second factor", scene.user_with(|user| user.mfa.totp = Some(app)), both()),
        (
            "a temporary password",
            scene.user_with(|user| user.status = UserStatus::ForceChangePassword),
            both(),
        ),
        ("reset", scene.user_with(|user| user.status = UserStatus::ResetRequired), both()),
        // The code takes the account from whoever signed up.
        ("not confirmed", scene.user_with(unconfirmed), [and(EmailOtp), vec![SmsOtp]].concat()),
    ] {
        assert_eq!(first_choices(&scene.pool, &user), expected, "{case}");
    }
}

#[test]
fn no_code_stands_alone_where_the_pool_insists_on_a_second_factor() {
    for (mfa, offered) in [
        (MfaMode::Off, vec![PasswordSrp, Password, EmailOtp, SmsOtp]),
        (MfaMode::Optional, vec![PasswordSrp, Password, EmailOtp, SmsOtp]),
        (MfaMode::On, vec![PasswordSrp, Password]),
    ] {
        let scene = scene(mfa);
        let is_by_code = offered.contains(&EmailOtp);
        assert_eq!(offered_choices(&scene.pool), offered, "{mfa:?}");
        assert_eq!(needs_no_password(&scene.pool, |_| true), is_by_code, "{mfa:?}");
        assert!(!needs_no_password(&scene.pool, |_| false), "{mfa:?}");
        let by_mail = first_choices(&scene.pool, &scene.user()).contains(&EmailOtp);
        assert_eq!(by_mail, is_by_code, "{mfa:?}");
    }
    let without = Scene::new(MfaMode::Off);
    assert_eq!(offered_choices(&without.pool), [PasswordSrp, Password]);
    assert!(!needs_no_password(&without.pool, |_| true));
}

#[test]
fn the_code_that_was_sent_signs_in_and_all_else_is_a_wrong_code() {
    let scene = scene(MfaMode::Off);
    let user = scene.user();
    let (pending, code) = sent(&scene, &user);
    let later = scene.now.after(Duration::from_secs(1));
    let moved = scene.user_with(|user| user.attributes.set("email", "eve@example.com"));
    let changed = scene.user_with(|user| user.password_set_at = later);
    let reset = scene.user_with(|user| user.status = UserStatus::ResetRequired);
    let wrong = Secret::from("wrong");
    for (case, found, code, failures, expected) in [
        ("right", Some(&user), &code, 0, "signed in: ExpectUser Spend ExpectNoLockout"),
        ("after failures", Some(&user), &code, 4, "signed in: ExpectUser Spend ClearLockout"),
        ("wrong", Some(&user), &wrong, 0, "CodeMismatch: SetLockout"),
        ("the fifth", Some(&user), &wrong, 4, "CodeMismatch: Spend Enqueue SetLockout"),
        ("locked", Some(&user), &code, 5, "CodeMismatch: TouchLockout"),
        ("nobody", None, &code, 0, "CodeMismatch: SetLockout"),
        ("another address", Some(&moved), &code, 0, "CodeMismatch: SetLockout"),
        ("another password", Some(&changed), &code, 0, "CodeMismatch: SetLockout"),
        ("to be reset", Some(&reset), &code, 0, "CodeMismatch: SetLockout"),
    ] {
        let decision = decide(&scene, &pending, found, code, failures);
        assert_eq!(shown(&decision), expected, "{case}");
    }
    let choice = PendingFirst::choice(scene.context(), Some(&user), ANN);
    let decision = decide(&scene, &choice, Some(&user), &code, 0);
    assert_eq!(shown(&decision), "ChallengeSessionInvalid:");
}

#[test]
fn who_confirms_a_sign_up_by_a_code_has_the_account_for_himself() {
    let scene = scene(MfaMode::Off);
    let made_by_a_stranger = scene.user_with(|user| {
        user.status = UserStatus::Unconfirmed;
        user.attributes.set("email_verified", "false");
        user.attributes.set("phone_number", "+14325551212");
    });
    let (pending, code) = sent(&scene, &made_by_a_stranger);
    let decision = decide(&scene, &pending, Some(&made_by_a_stranger), &code, 0);
    let expected = "signed in: DeleteDevicesOf RevokeSessionsOf UpdateUser Spend ExpectNoLockout";
    assert_eq!(shown(&decision), expected);
    let now = updated(&decision).unwrap();
    assert_eq!((now.status, &now.password), (UserStatus::Confirmed, &None));
    assert!(now.is_owned_through(Contact::Email));
    assert_eq!(now.attributes.get("phone_number"), None);
}

#[test]
fn a_session_opens_for_its_client_while_it_lasts() {
    let mut scene = scene(MfaMode::Off);
    let user = scene.user();
    let (pending, code) = sent(&scene, &user);
    let session = pending.seal(scene.context());
    let open = |client: &AppClient, now| {
        let opened = PendingFirst::open(client, &session, &scene.sealer, now);
        opened.map(|pending| pending.is_answered_by(&code))
    };
    let end = scene.now.after(scene.client.auth_session_validity);
    let last = Timestamp::from_millis(end.millis() - 1);
    let other = AppClient { id: "other".into(), ..scene.client.clone() };
    assert_eq!(open(&scene.client, last), Ok(true));
    assert_eq!(open(&scene.client, end), Err(Refusal::ChallengeSessionExpired));
    assert_eq!(open(&other, last), Err(Refusal::ChallengeSessionInvalid));
    scene.sealer = Sealer::new(&[8; 32]);
    let opened = PendingFirst::open(&scene.client, &session, &scene.sealer, last);
    assert_eq!(opened.err(), Some(Refusal::ChallengeSessionInvalid));
}
