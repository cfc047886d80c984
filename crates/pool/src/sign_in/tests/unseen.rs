//! Answers that are refused before anybody looks at them.

use super::*;

#[test]
fn nobody_looks_at_the_answer_of_who_may_not_come_in() {
    let scene = Scene::new(MfaMode::Optional);
    let members =
        EntryPolicy { audience: Audience::Members("members".into()), ..EntryPolicy::default() };
    let (anybody, begun) = (EntryPolicy::default(), scene.user());
    let later = scene.now.after(Duration::from_secs(1));
    let new_password = scene.user_with(|user| user.password_set_at = later);
    let signed_out = scene.user_with(|user| user.signed_out_at = Some(later));
    let invited = scene.user_with(|user| user.status = UserStatus::ForceChangePassword);
    let disabled = scene.user_with(|user| user.enabled = false);
    let pending = scene.pending(&begun, PendingStep::SoftwareToken);
    for (case, user, failures, policy, expected) in [
        ("as it began", &begun, 0, &anybody, "looked at"),
        ("four failures", &begun, 4, &anybody, "looked at"),
        ("five failures", &begun, 5, &anybody, "LockedOut:"),
        ("not in the group", &begun, 0, &members, "BadCredentials:"),
        ("disabled", &disabled, 0, &anybody, "UserDisabled:"),
        ("another password", &new_password, 0, &anybody, "ChallengeSessionInvalid: Spend"),
        ("signed out", &signed_out, 0, &anybody, "ChallengeSessionInvalid: Spend"),
        ("invited anew", &invited, 0, &anybody, "ChallengeSessionInvalid: Spend"),
    ] {
        let (candidate, lockout) = (candidate(user.clone()), scene.failed(failures));
        let decided = decide_unseen(scene.context(), &pending, &candidate, &lockout, policy);
        let told = decided.map_or_else(|| "looked at".to_owned(), |decision| shown(&decision));
        assert_eq!(told, expected, "{case}");
    }
}

#[test]
fn a_new_password_is_asked_of_those_who_need_one_and_all_else_of_the_confirmed() {
    let contact = Contact::Email;
    let (code, address) = (Secret::from("123456"), ANN.to_owned());
    let key = Secret::from(KEY);
    assert_eq!(PendingStep::NewPassword.status(), UserStatus::ForceChangePassword);
    for step in [
        PendingStep::Device,
        PendingStep::SelectMfa,
        PendingStep::SoftwareToken,
        PendingStep::SentCode { contact, code: code.clone(), address: address.clone() },
        PendingStep::Setup,
        PendingStep::SetupKey(key.clone()),
        PendingStep::SetupEmail { code, address },
        PendingStep::SetupProven { key },
    ] {
        assert_eq!(step.status(), UserStatus::Confirmed, "{step:?}");
    }
}
