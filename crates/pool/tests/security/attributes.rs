//! What the holder of a temporary password may write into the profile on the way in.

use crate::world::*;
use poolkeeper_pool::backend::user_pool::{ChallengeAnswer, Outcome};
use poolkeeper_pool::entity::{Attributes, CodeMfa, MfaMode, User, UserStatus};
use poolkeeper_pool::{Refusal, Result};

fn invited(world: &World, edit: impl Fn(&mut User)) -> User {
    world.user("new", |user| {
        user.status = UserStatus::ForceChangePassword;
        edit(user);
    })
}

fn answer_with(world: &World, attributes: &[(&str, &str)]) -> Result<Outcome> {
    let session = world.begin("new");
    let attributes: Attributes = attributes.iter().copied().collect();
    let password = "An0ther!pass".into();
    wait(world.respond(&session, ChallengeAnswer::NewPassword { password, attributes }))
}

#[test]
fn an_address_that_changes_is_not_verified_any_more() {
    let world = World::new(1, MfaMode::Off);
    let user = invited(&world, |_| {});
    signed_in(answer_with(&world, &[("email", "chief@example.com"), ("name", "Ann")]));
    let attributes = world.now_of(&user).attributes;
    assert_eq!(attributes.get("email"), Some("chief@example.com"));
    assert!(!attributes.flag("email_verified"));
}

#[test]
fn an_address_that_is_sent_back_unchanged_stays_verified() {
    let world = World::new(2, MfaMode::Off);
    let user = invited(&world, |_| {});
    signed_in(answer_with(&world, &[("email", ADDRESS)]));
    assert!(world.now_of(&user).attributes.flag("email_verified"));
}

#[test]
fn codes_cannot_be_sent_elsewhere_by_who_knows_the_password_only() {
    let world = World::new(3, MfaMode::Optional);
    let user = invited(&world, |user| user.mfa.email = Some(CodeMfa { preferred: true }));
    let told = refusal(answer_with(&world, &[("email", "thief@example.com")]));
    assert_eq!(told, Refusal::AttributeNotWritable);
    assert_eq!(world.now_of(&user).attributes.get("email"), Some(ADDRESS));
    session(answer_with(&world, &[("name", "Ann")]));
    assert_eq!(wait(world.engine.outbox(1)).unwrap()[0].to, ADDRESS);
}

#[test]
fn nobody_verifies_an_address_or_makes_up_an_attribute() {
    let world = World::new(4, MfaMode::Off);
    let user = invited(&world, |user| user.attributes.set("email_verified", "false"));
    let listed = ["email_verified", "phone_number_verified", "sub", "name"].map(str::to_owned);
    for list in [None, Some(listed.to_vec())] {
        let mut client = wait(world.engine.app_client(&CLIENT.into())).unwrap().unwrap();
        client.write_attributes = list;
        wait(world.engine.replace_client(&operator(), client, None)).unwrap();
        for name in ["email_verified", "phone_number_verified", "sub", "custom:admin", "cognito:x"]
        {
            let told = refusal(answer_with(&world, &[(name, "true")]));
            assert_eq!(told, Refusal::AttributeNotWritable, "{name}");
        }
    }
    assert!(!world.now_of(&user).attributes.flag("email_verified"));
}

#[test]
fn values_keep_the_rules_of_the_schema() {
    let world = World::new(5, MfaMode::Off);
    let user = invited(&world, |_| {});
    let before = world.now_of(&user);
    let long = "x".repeat(2049);
    for (name, value) in [
        ("email", "no address"),
        ("email", "a@example.com\r\nBcc: b@example.com"),
        ("phone_number", "12"),
        ("name", "a\u{0}b"),
        ("name", "a\u{1b}[2Jb"),
        ("name", &long),
        ("updated_at", "now"),
        ("birthdate", "1"),
    ] {
        let told = refusal(answer_with(&world, &[(name, value)]));
        assert!(matches!(told, Refusal::Invalid(_)), "{name}={value:?}: {told}");
    }
    assert_eq!(world.now_of(&user), before);
}
