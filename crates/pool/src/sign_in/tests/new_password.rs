//! New passwords in place of temporary ones.

use super::*;
use crate::backend::user_pool::ChallengeKind;
use crate::entity::{DefaultWrite, PasswordSource};
use crate::error::AttributeFlaw;
use crate::password::PolicyBreach;
use crate::sign_in::new_password;
use std::collections::BTreeMap;

const FRESH: &str = "N3w-Passw0rd";
const NAME: (&str, &str) = ("name", "Ann");
const NOTHING: &[(&str, &str)] = &[];

/// Ann as she was invited.
fn invited(scene: &Scene) -> User {
    scene.user_with(|user| user.status = UserStatus::ForceChangePassword)
}

/// A pool whose users must have a name, and have more attributes.
fn demanding(mfa: MfaMode) -> Scene {
    let mut scene = Scene::new(mfa);
    let more = ["email_verified", "custom:tier", "custom:level"].map(attribute);
    scene.pool.schema.extend(more);
    for attribute in &mut scene.pool.schema {
        attribute.required = ["sub", "email", "name"].contains(&attribute.name.as_str());
        attribute.developer_only = attribute.name == "custom:level";
    }
    scene
}

fn check(
    scene: &Scene,
    user: &User,
    password: &str,
    given: &[(&str, &str)],
) -> Result<(), Refusal> {
    let (candidate, password) = (candidate(user.clone()), Secret::from(password));
    let given: Attributes = given.iter().copied().collect();
    check_new_password(scene.context(), &candidate, &password, &given)
}

fn decide(
    scene: &Scene,
    user: &User,
    step: PendingStep,
    given: &[(&str, &str)],
    failures: u32,
) -> Decision {
    let (pending, candidate) = (scene.pending(user, step), candidate(user.clone()));
    let given: Attributes = given.iter().copied().collect();
    let new = (Sealed::from_bytes(vec![2]), &given);
    let (lockout, anybody) = (scene.failed(failures), EntryPolicy::default());
    decide_new_password(scene.context(), &pending, candidate, new, &lockout, &anybody)
}

#[test]
fn a_temporary_password_is_good_for_as_many_days_as_the_pool_says() {
    let mut scene = Scene::new(MfaMode::Off);
    scene.pool.password_policy.temporary_password_validity_days = 2;
    let (candidate, set_at) = (candidate(invited(&scene)), scene.now);
    let life = 2 * 86_400_000;
    for (millis, is_good) in [(0, true), (life - 1, true), (life, false), (life + 1, false)] {
        scene.now = set_at.after(Duration::from_millis(millis));
        let asked = new_password::ask(scene.context(), &candidate, "event".into());
        let refusal = (!is_good).then_some(Refusal::TemporaryPasswordExpired);
        assert_eq!(asked.err(), refusal, "{millis}");
    }
}

#[test]
fn what_is_required_and_missing_is_asked_for_along_with_it() {
    let scene = demanding(MfaMode::Off);
    let candidate = candidate(invited(&scene));
    let asked = new_password::ask(scene.context(), &candidate, "event".into()).unwrap();
    let ChallengeKind::NewPasswordRequired { required, attributes } = asked.kind else {
        panic!("{asked:?}")
    };
    assert_eq!(required, ["name"]);
    assert_eq!(attributes, candidate.user.attributes);
}

#[test]
fn an_answer_keeps_the_policy_and_the_schema() {
    let scene = demanding(MfaMode::Off);
    let user = invited(&scene);
    let missing = || Err(Refusal::AttributeMissing("name".to_owned()));
    let not_writable = || Err(Refusal::AttributeNotWritable);
    let malformed = |flaw: AttributeFlaw| Err(Refusal::invalid(flaw));
    for (password, given, expected) in [
        ("Sh0rt!", &[NAME][..], Err(Refusal::PasswordPolicy(PolicyBreach::TooShort))),
        (FRESH, NOTHING, missing()),
        (FRESH, &[("name", "")], missing()),
        (FRESH, &[NAME], Ok(())),
        (FRESH, &[NAME, ("phone_number", "+14325551212")], Ok(())),
        (FRESH, &[NAME, ("phone_number", "1")], malformed(AttributeFlaw::PhoneNumberFormat)),
        (FRESH, &[NAME, ("sub", "x")], not_writable()),
        (FRESH, &[NAME, ("email_verified", "true")], not_writable()),
        (FRESH, &[NAME, ("custom:none", "x")], not_writable()),
        (FRESH, &[NAME, ("custom:tier", "gold")], Ok(())),
    ] {
        assert_eq!(check(&scene, &user, password, given), expected, "{password} {given:?}");
    }
    let mut scene = demanding(MfaMode::Off);
    scene.pool.rules.default_write = DefaultWrite::Standard;
    assert_eq!(check(&scene, &user, FRESH, &[NAME, ("custom:tier", "gold")]), not_writable());
    let scene = Scene::new(MfaMode::Off);
    let nowhere = check(&scene, &user, FRESH, &[("email", "nowhere")]);
    assert_eq!(nowhere, malformed(AttributeFlaw::EmailFormat));
}

#[test]
fn what_is_listed_can_be_written_unless_it_is_for_developers() {
    let mut scene = demanding(MfaMode::Off);
    scene.client.write_attributes =
        Some(["custom:tier", "custom:level", "email_verified"].map(str::to_owned).to_vec());
    let user = invited(&scene);
    for (attribute, is_writable) in [
        ("custom:tier", true),
        ("custom:level", false),
        ("email_verified", false),
        ("phone_number", false),
    ] {
        let answer = check(&scene, &user, FRESH, &[NAME, (attribute, "+1")]);
        let expected = if is_writable { Ok(()) } else { Err(Refusal::AttributeNotWritable) };
        assert_eq!(answer, expected, "{attribute}");
    }
}

#[test]
fn what_is_there_and_required_or_a_name_is_not_given_again() {
    let provided = |name: &str| Err(Refusal::invalid(AttributeFlaw::Provided(name.to_owned())));
    let mut scene = demanding(MfaMode::Off);
    let mut user = invited(&scene);
    user.attributes.set("name", "Ann");
    assert_eq!(check(&scene, &user, FRESH, &[NAME]), provided("name"));
    scene = Scene::new(MfaMode::Off);
    assert_eq!(check(&scene, &user, FRESH, &[NAME, ("email", ANN)]), Ok(()));
    scene.pool.alias_attributes.push(crate::entity::SignInName::Email);
    assert_eq!(check(&scene, &user, FRESH, &[("email", ANN)]), provided("email"));
}

#[test]
fn codes_are_not_sent_elsewhere_by_who_has_the_password_alone() {
    let scene = Scene::new(MfaMode::Optional);
    let mut user = invited(&scene);
    let elsewhere = [("email", "eve@example.com")];
    assert_eq!(check(&scene, &user, FRESH, &elsewhere), Ok(()));
    user.mfa.email = Some(CodeMfa { preferred: false });
    assert_eq!(check(&scene, &user, FRESH, &elsewhere), Err(Refusal::AttributeNotWritable));
    assert_eq!(check(&scene, &user, FRESH, &[("email", ANN)]), Ok(()));
}

#[test]
fn the_sign_in_goes_on_with_the_second_factor() {
    let scene = Scene::new(MfaMode::Optional);
    let plain = invited(&scene);
    let (mut with_app, mut with_mail) = (plain.clone(), plain.clone());
    with_app.mfa.totp = Some(scene.app());
    with_mail.mfa.email = Some(CodeMfa { preferred: false });
    let confirmed = scene.user();
    for (user, step, failures, expected) in [
        (&plain, PendingStep::NewPassword, 0, "signed in: Spend UpdateUser ExpectNoLockout"),
        (&plain, PendingStep::NewPassword, 2, "signed in: Spend UpdateUser ClearLockout"),
        (&with_app, PendingStep::NewPassword, 2, "SOFTWARE_TOKEN_MFA: Spend UpdateUser SetLockout"),
        (
            &with_mail,
            PendingStep::NewPassword,
            0,
            "EMAIL_OTP: Spend UpdateUser Enqueue ExpectNoLockout",
        ),
        (&plain, PendingStep::NewPassword, 5, "LockedOut:"),
        (&plain, PendingStep::SelectMfa, 0, "ChallengeSessionInvalid:"),
        (&confirmed, PendingStep::NewPassword, 0, "ChallengeSessionInvalid: Spend"),
    ] {
        let decision = decide(&scene, user, step, NOTHING, failures);
        assert_eq!(shown(&decision), expected);
    }
}

#[test]
fn the_user_is_confirmed_with_the_new_password_and_what_came_along() {
    let mut scene = Scene::new(MfaMode::Off);
    let user = invited(&scene);
    scene.now = scene.now.after(Duration::from_hours(1));
    let given = [NAME, ("email", "new@example.com")];
    let decision = decide(&scene, &user, PendingStep::NewPassword, &given, 0);
    let now = updated(&decision).unwrap();
    assert_eq!((now.status, now.password_set_at), (UserStatus::Confirmed, scene.now));
    assert_eq!(now.password, Some(Sealed::from_bytes(vec![2])));
    let expected = [("email", "new@example.com"), ("email_verified", "false"), NAME];
    assert_eq!(now.attributes.iter().collect::<Vec<_>>(), expected);
}

#[test]
fn the_owner_of_the_address_that_an_invitation_went_to_is_known() {
    let invitation = |address: &str| {
        let (contact, address) = (Contact::Email, address.to_owned());
        PasswordSource::Invitation { contact, address, verifies: false }
    };
    for (case, source, given, is_known) in [
        ("invited", invitation(ANN), NOTHING, true),
        ("invited elsewhere", invitation("eve@example.com"), NOTHING, false),
        ("moved", invitation(ANN), &[("email", "eve@example.com")], false),
        ("told by an administrator", PasswordSource::Administrator, NOTHING, false),
        ("unknown", PasswordSource::Other, NOTHING, false),
    ] {
        let scene = Scene::new(MfaMode::Off);
        let mut user = invited(&scene);
        user.note_password(source);
        let decision = decide(&scene, &user, PendingStep::NewPassword, given, 0);
        let now = updated(&decision).unwrap();
        assert_eq!(now.is_owned_through(Contact::Email), is_known, "{case}");
        assert_eq!(now.provenance.password, PasswordSource::Other, "{case}");
    }
}

/// Only while it is the user's address.
#[test]
fn an_invitation_may_verify_the_address_that_it_went_to() {
    let invitation = |address: &str, verifies| {
        let (contact, address) = (Contact::Email, address.to_owned());
        PasswordSource::Invitation { contact, address, verifies }
    };
    for (case, source, given, is_verified) in [
        ("invited", invitation(ANN, true), NOTHING, true),
        ("invited as at Amazon", invitation(ANN, false), NOTHING, false),
        ("invited elsewhere", invitation("eve@example.com", true), NOTHING, false),
        ("moved", invitation(ANN, true), &[("email", "eve@example.com")], false),
        ("told by an administrator", PasswordSource::Administrator, NOTHING, false),
        ("unknown", PasswordSource::Other, NOTHING, false),
    ] {
        let scene = Scene::new(MfaMode::Off);
        let mut user = invited(&scene);
        user.attributes.set("email_verified", "false");
        user.note_password(source);
        let decision = decide(&scene, &user, PendingStep::NewPassword, given, 0);
        let now = updated(&decision).unwrap();
        assert_eq!(now.has_proven(Contact::Email), is_verified, "{case}");
        assert_eq!(now.is_owned_through(Contact::Email), is_verified, "{case}");
        assert_eq!(now.provenance.proofs, BTreeMap::new(), "{case}");
    }
}

#[test]
fn a_password_of_late_counts_like_a_wrong_one() {
    let scene = Scene::new(MfaMode::Off);
    let user = invited(&scene);
    let pending = scene.pending(&user, PendingStep::NewPassword);
    for (failures, expected) in
        [(0, "PasswordReused: SetLockout"), (4, "PasswordReused: Spend Enqueue SetLockout")]
    {
        let lockout = scene.failed(failures);
        let decision = decide_reused(scene.context(), &pending, &user, &lockout);
        assert_eq!(shown(&decision), expected);
    }
}
