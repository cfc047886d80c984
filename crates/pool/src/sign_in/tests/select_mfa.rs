//! The choice of a second factor.

use super::*;
use crate::backend::user_pool::Factor;
use crate::error::FactorFlaw;

/// Ann with an app and mail, in a pool that asks for either.
fn scene() -> (Scene, User) {
    let scene = Scene::new(MfaMode::Optional);
    let (totp, email) = (Some(scene.app()), Some(CodeMfa { preferred: false }));
    let user = scene.user_with(|user| user.mfa = Mfa { totp, email, ..Mfa::default() });
    (scene, user)
}

fn decide(scene: &Scene, pending: &Pending, user: &User, factor: Factor) -> Decision {
    let (candidate, lockout) = (candidate(user.clone()), scene.failed(0));
    let anybody = EntryPolicy::default();
    decide_select_mfa(scene.context(), pending, &candidate, factor, &lockout, &anybody)
}

#[test]
fn the_sign_in_goes_on_with_the_factor_that_was_chosen() {
    let (scene, user) = scene();
    let pending = scene.pending(&user, PendingStep::SelectMfa);
    let app = decide(&scene, &pending, &user, Factor::Totp);
    assert_eq!(shown(&app), "SOFTWARE_TOKEN_MFA: Spend ExpectUser ExpectNoLockout");
    let mail = decide(&scene, &pending, &user, Factor::Email);
    assert_eq!(shown(&mail), "EMAIL_OTP: Spend ExpectUser ExpectNoLockout Enqueue");
    assert_eq!(scene.read(&mail.changes[3]).to, ANN);
}

#[test]
fn what_is_no_choice_costs_nothing() {
    let (scene, user) = scene();
    let pending = scene.pending(&user, PendingStep::SelectMfa);
    let decision = decide(&scene, &pending, &user, Factor::Sms);
    let flaw = FactorFlaw::NoChoice(vec![Factor::Totp, Factor::Email]);
    assert!(decision.changes.is_empty(), "{decision:?}");
    assert_eq!(decision.result.unwrap_err(), Refusal::invalid(flaw));
}

#[test]
fn nothing_is_chosen_where_there_is_nothing_to_choose() {
    let (scene, user) = scene();
    let elsewhere = scene.pending(&user, PendingStep::SoftwareToken);
    let decision = decide(&scene, &elsewhere, &user, Factor::Totp);
    assert_eq!(shown(&decision), "ChallengeSessionInvalid:");
    let pending = scene.pending(&user, PendingStep::SelectMfa);
    let mut preferring = user.clone();
    preferring.mfa.email = Some(CodeMfa { preferred: true });
    let mut with_one = user.clone();
    with_one.mfa.email = None;
    for (case, user) in [("one comes first", preferring), ("one is left", with_one)] {
        let decision = decide(&scene, &pending, &user, Factor::Totp);
        assert_eq!(shown(&decision), "ChallengeSessionInvalid: Spend", "{case}");
    }
}
