//! Challenge sessions where they do not belong.

use crate::world::*;
use poolkeeper_pool::Refusal;
use poolkeeper_pool::backend::entry_policy::{Audience, EntryPolicy};
use poolkeeper_pool::backend::self_service::SelfService as _;
use poolkeeper_pool::backend::user_pool::{ChallengeAnswer, Factor};
use poolkeeper_pool::crypto::secret::Secret;
use poolkeeper_pool::entity::{Attributes, CodeMfa, MfaMode, UserStatus};
use std::time::Duration;

/// One session of each kind, with the right answer to it.
fn one_of_each(world: &World) -> Vec<(&'static str, Secret, ChallengeAnswer)> {
    world.user("new", |user| user.status = UserStatus::ForceChangePassword);
    world.totp_user("app");
    world.user("mail", |user| user.mfa.email = Some(CodeMfa { preferred: true }));
    world.user("bare", |_| {});
    world.both_user("both");
    let (new, app, both) = (world.begin("new"), world.begin("app"), world.begin("both"));
    // Before the code, which is looked for in the newest message.
    let proven = proven_setup(world, &world.begin("bare"));
    let mail = world.begin("mail");
    vec![
        ("new password", new, new_password("An0ther!pass")),
        ("software token", app, ChallengeAnswer::SoftwareToken(world.code(&KEY.into()))),
        ("email code", mail, ChallengeAnswer::EmailCode(world.mailed_code())),
        ("setup", proven, ChallengeAnswer::MfaSetup),
        ("select", both, ChallengeAnswer::MfaType(Factor::Totp)),
    ]
}

fn proven_setup(world: &World, session: &Secret) -> Secret {
    let (key, next) = wait(world.engine.associate_totp_by_session(&operator(), session)).unwrap();
    let code = world.code(&key);
    wait(world.engine.verify_totp_by_session(&operator(), &next, &code, None)).unwrap()
}

#[test]
fn only_the_answer_that_was_asked_for_counts() {
    let world = World::new(1, MfaMode::On);
    let all = one_of_each(&world);
    for (asked, session, _) in &all {
        for (given, _, answer) in all.iter().filter(|(given, ..)| given != asked) {
            let told = refusal(wait(world.respond(session, answer.clone())));
            assert_eq!(told, Refusal::ChallengeSessionInvalid, "{given} for {asked}");
        }
    }
    for (asked, session, answer) in all {
        assert!(wait(world.respond(&session, answer)).is_ok(), "{asked}");
    }
}

#[test]
fn sessions_count_once_and_not_for_ever() {
    for late in [false, true] {
        let world = World::new(2, MfaMode::On);
        for (asked, session, answer) in one_of_each(&world) {
            if late {
                world.later(Duration::from_secs(181));
                let told = refusal(wait(world.respond(&session, answer)));
                assert_eq!(told, Refusal::ChallengeSessionExpired, "{asked}");
                world.earlier(Duration::from_secs(181));
            } else {
                assert!(wait(world.respond(&session, answer.clone())).is_ok(), "{asked}");
                let told = refusal(wait(world.respond(&session, answer)));
                assert_eq!(told, Refusal::ChallengeSessionSpent, "{asked}");
            }
        }
    }
}

#[test]
fn sessions_count_for_their_client_pool_and_user_only() {
    let world = World::new(3, MfaMode::On);
    let other_pool = "eu-west-1_Other";
    world.pool(other_pool, MfaMode::On);
    world.client(other_pool, "elsewhere");
    world.client(POOL, "other");
    for (asked, session, answer) in one_of_each(&world) {
        for client in ["other", "elsewhere"] {
            let entry_policy = EntryPolicy::default();
            let told = wait(world.respond_at(client, &session, answer.clone(), entry_policy));
            assert_eq!(refusal(told), Refusal::ChallengeSessionInvalid, "{asked} at {client}");
        }
    }
}

#[test]
fn altered_sessions_are_refused_byte_for_byte() {
    let world = World::new(4, MfaMode::Optional);
    world.totp_user("app");
    let session = world.begin("app");
    let right = ChallengeAnswer::SoftwareToken(world.code(&KEY.into()));
    let text = session.expose();
    let mut altered: Vec<String> = vec![
        String::new(),
        ".".to_owned(),
        "A".repeat(100_000),
        format!("{text}A"),
        format!("{text}="),
        format!(" {text}"),
        format!("{text}{text}"),
        "ä".to_owned(),
    ];
    for at in 0..text.len() {
        let mut bytes = text.as_bytes().to_vec();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        altered.push(String::from_utf8(bytes).unwrap());
        altered.push(text[..at].to_owned());
    }
    for text in altered {
        let told = wait(world.respond(&Secret::new(text.as_str()), right.clone()));
        assert_eq!(refusal(told), Refusal::ChallengeSessionInvalid, "{text}");
    }
    signed_in(wait(world.respond(&session, right)));
}

#[test]
fn the_name_in_front_of_a_session_is_part_of_it() {
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
    let world = World::new(5, MfaMode::Optional);
    world.client(POOL, "other");
    world.totp_user("app");
    let bytes = URL_SAFE_NO_PAD.decode(world.begin("app").expose()).unwrap();
    let sealed = bytes.strip_prefix(b"client.").unwrap();
    let renamed = URL_SAFE_NO_PAD.encode([b"other.", sealed].concat());
    let right = ChallengeAnswer::SoftwareToken(world.code(&KEY.into()));
    for client in [CLIENT, "other"] {
        let entry_policy = EntryPolicy::default();
        let renamed = Secret::new(renamed.as_str());
        let told = wait(world.respond_at(client, &renamed, right.clone(), entry_policy));
        assert_eq!(refusal(told), Refusal::ChallengeSessionInvalid, "{client}");
    }
}

#[test]
fn a_face_that_is_closed_to_a_user_stays_closed_for_a_session_from_another_face() {
    let world = World::new(6, MfaMode::On);
    let required =
        EntryPolicy { audience: Audience::Members("members".into()), ..EntryPolicy::default() };
    for (asked, session, answer) in one_of_each(&world) {
        let told = wait(world.respond_at(CLIENT, &session, answer, required.clone()));
        assert_eq!(refusal(told), Refusal::BadCredentials, "{asked}");
    }
}

#[test]
fn nothing_of_a_refused_answer_remains() {
    let world = World::new(7, MfaMode::Off);
    let user = world.user("new", |user| user.status = UserStatus::ForceChangePassword);
    let session = world.begin("new");
    let before = world.now_of(&user);
    for (password, attributes) in [
        ("short", Attributes::default()),
        ("G00d!enough", Attributes::from_iter([("custom:admin", "true")])),
    ] {
        let answer = ChallengeAnswer::NewPassword { password: password.into(), attributes };
        assert!(wait(world.respond(&session, answer)).is_err());
        assert_eq!(world.now_of(&user), before);
    }
    signed_in(wait(world.respond(&session, new_password("G00d!enough"))));
}
