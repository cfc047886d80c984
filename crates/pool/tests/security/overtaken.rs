//! Sign-ins that are half-way through when something happens to the user: whoever began with what
//! is no longer so must not come in.

use crate::world::*;
use poolkeeper_pool::Refusal;
use poolkeeper_pool::backend::self_service::SelfService;
use poolkeeper_pool::backend::user_pool::{ChallengeAnswer, Factor};
use poolkeeper_pool::crypto::secret::Secret;
use poolkeeper_pool::entity::{CodeMfa, MfaMode, User, UserStatus};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

type Event = (&'static str, fn(&World, &User));

/// What ends a sign-in that is not complete.
const EVENTS: [Event; 5] = [
    ("a password is set", |world, user| set_password(world, user, true)),
    ("a temporary password is set", |world, user| set_password(world, user, false)),
    ("the user signs out everywhere", |world, user| {
        world.edit(user, |user| user.signed_out_at = Some(world.engine_now()));
    }),
    ("the user is disabled", |world, user| world.edit(user, |user| user.enabled = false)),
    ("the password must be reset", |world, user| {
        world.edit(user, |user| user.status = UserStatus::ResetRequired);
    }),
];

fn set_password(world: &World, user: &User, permanent: bool) {
    let (name, password) = (user.username.as_str(), Secret::from("Br4nd-new!"));
    wait(world.engine.set_password(&operator(), &user.pool, name, &password, permanent)).unwrap();
}

impl World {
    fn engine_now(&self) -> poolkeeper_pool::time::Timestamp {
        use poolkeeper_pool::system::Clock as _;
        self.clock.now()
    }
}

/// A session at each step, the user it is of, and the right answer.
fn half_way(world: &World) -> Vec<(User, Secret, ChallengeAnswer)> {
    let new = world.user("new", |user| user.status = UserStatus::ForceChangePassword);
    let app = world.totp_user("app");
    let both = world.both_user("both");
    let mail = world.user("mail", |user| user.mfa.email = Some(CodeMfa { preferred: true }));
    let bare = world.user("bare", |_| {});
    let begun = world.begin("bare");
    let (key, next) = wait(world.engine.associate_totp_by_session(&operator(), &begun)).unwrap();
    let proven =
        wait(world.engine.verify_totp_by_session(&operator(), &next, &world.code(&key), None));
    let begun = (world.begin("new"), world.begin("app"), world.begin("mail"));
    vec![
        (new, begun.0, new_password("An0ther!pass")),
        (app, begun.1, ChallengeAnswer::SoftwareToken(world.code(&KEY.into()))),
        (mail, begun.2, ChallengeAnswer::EmailCode(world.mailed_code())),
        (both, world.begin("both"), ChallengeAnswer::MfaType(Factor::Email)),
        (bare, proven.unwrap(), ChallengeAnswer::MfaSetup),
    ]
}

#[test]
fn every_event_ends_a_sign_in_at_every_step() {
    for (event, happen) in EVENTS {
        let world = World::new(1, MfaMode::On);
        for (user, session, answer) in half_way(&world) {
            world.later(Duration::from_millis(1));
            happen(&world, &user);
            let told = refusal(wait(world.respond(&session, answer.clone())));
            let expected = if user_is_disabled(&world, &user) {
                Refusal::UserDisabled
            } else {
                Refusal::ChallengeSessionInvalid
            };
            assert_eq!(told, expected, "{event}: {}", user.username);
            // What once was refused does not come back to life with the user.
            world.edit(&user, |user| user.enabled = true);
            if expected == Refusal::ChallengeSessionInvalid {
                let told = refusal(wait(world.respond(&session, answer)));
                let dead = [Refusal::ChallengeSessionInvalid, Refusal::ChallengeSessionSpent];
                assert!(dead.contains(&told), "{event}: {}: {told}", user.username);
            }
        }
    }
}

fn user_is_disabled(world: &World, user: &User) -> bool {
    !world.now_of(user).enabled
}

#[test]
fn a_new_invitation_ends_what_the_old_one_began() {
    let world = World::new(2, MfaMode::Off);
    let user = world.user("new", |user| user.status = UserStatus::ForceChangePassword);
    let session = world.begin("new");
    world.later(Duration::from_millis(1));
    let fresh = Secret::from("Br4nd-new!");
    wait(world.engine.resend_invitation(&operator(), &user.pool, "new", Some(&fresh), &[]))
        .unwrap();
    let told = refusal(wait(world.respond(&session, new_password("An0ther!pass"))));
    assert_eq!(told, Refusal::ChallengeSessionInvalid);
    let session = session_of_fresh(&world);
    signed_in(wait(world.respond(&session, new_password("An0ther!pass"))));
}

fn session_of_fresh(world: &World) -> Secret {
    session(wait(world.sign_in("new", "Br4nd-new!")))
}

#[test]
fn a_code_that_was_mailed_proves_the_address_it_went_to_and_no_other() {
    let world = World::new(3, MfaMode::Optional);
    let user = world.user("mail", |user| user.mfa.email = Some(CodeMfa { preferred: true }));
    let session = world.begin("mail");
    let code = world.mailed_code();
    world.edit(&user, |user| {
        user.attributes.set("email", "victim@example.com");
        user.attributes.set("email_verified", "false");
    });
    let told = refusal(wait(world.respond(&session, ChallengeAnswer::EmailCode(code))));
    assert_eq!(told, Refusal::ChallengeSessionInvalid);
    assert!(!world.now_of(&user).attributes.flag("email_verified"));
}

#[test]
fn a_set_up_does_not_get_by_a_factor_that_came_meanwhile() {
    for by_mail in [false, true] {
        let world = World::new(4, MfaMode::On);
        let (user, session, answer) = half_way(&world).pop().unwrap();
        let totp = world.totp(&user);
        world.edit(&user, |user| {
            if by_mail {
                user.mfa.email = Some(CodeMfa { preferred: false });
            } else {
                user.mfa.totp = Some(totp.clone());
            }
        });
        let before = world.now_of(&user);
        assert_eq!(
            refusal(wait(world.respond(&session, answer))),
            Refusal::ChallengeSessionInvalid
        );
        assert_eq!(world.now_of(&user), before);
    }
}

#[test]
fn a_selection_does_not_get_by_a_preference_that_came_meanwhile() {
    for removed in [false, true] {
        let world = World::new(8, MfaMode::On);
        let user = world.both_user("both");
        let session = world.begin("both");
        world.edit(&user, |user| {
            user.mfa.totp.as_mut().unwrap().preferred = true;
            user.mfa.email = user.mfa.email.filter(|_| !removed);
        });
        for answer in
            [ChallengeAnswer::MfaType(Factor::Email), ChallengeAnswer::MfaType(Factor::Totp)]
        {
            let told = refusal(wait(world.respond(&session, answer)));
            assert!(
                matches!(told, Refusal::ChallengeSessionInvalid | Refusal::ChallengeSessionSpent),
                "{told}"
            );
        }
        assert!(wait(world.engine.outbox(1)).unwrap().is_empty());
    }
}

#[test]
fn codes_count_once_whatever_they_proved() {
    let world = World::new(5, MfaMode::On);
    let user = world.user("bare", |_| {});
    let begun = world.begin("bare");
    let (key, next) = wait(world.engine.associate_totp_by_session(&operator(), &begun)).unwrap();
    let code = world.code(&key);
    let proven =
        wait(world.engine.verify_totp_by_session(&operator(), &next, &code, None)).unwrap();
    let access = signed_in(wait(world.respond(&proven, ChallengeAnswer::MfaSetup))).access_token;
    // The code that proved the app in a sign-in.
    let again = world.begin("bare");
    let told = refusal(wait(world.respond(&again, ChallengeAnswer::SoftwareToken(code))));
    assert_eq!(told, Refusal::CodeSpent);
    // The code that proved the app that replaces it.
    let key = wait(world.engine.associate_totp(&operator(), &access)).unwrap();
    let code = world.code(&key);
    wait(world.engine.verify_totp(&operator(), &access, &code, None)).unwrap();
    let told = refusal(wait(world.respond(&again, ChallengeAnswer::SoftwareToken(code))));
    assert_eq!(told, Refusal::CodeSpent);
    world.later(Duration::from_secs(30));
    signed_in(wait(world.respond(&again, ChallengeAnswer::SoftwareToken(world.code(&key)))));
    assert!(world.now_of(&user).mfa.totp.is_some());
}

#[test]
fn no_code_counts_twice_when_the_clock_is_set_back() {
    let world = World::new(6, MfaMode::Optional);
    world.totp_user("app");
    let code = world.code(&KEY.into());
    let first = world.begin("app");
    signed_in(wait(world.respond(&first, ChallengeAnswer::SoftwareToken(code.clone()))));
    for back in [0, 1, 29, 30] {
        world.earlier(Duration::from_secs(back));
        let session = world.begin("app");
        let told = wait(world.respond(&session, ChallengeAnswer::SoftwareToken(code.clone())));
        assert!(told.is_err(), "{back} seconds");
    }
}

/// As far as the clocks of two nodes may differ, the lock holds. A clock that is set back further was
/// wrong: what it noted locks nobody for the difference, and the next failure locks for longer.
#[test]
fn a_lock_outlasts_a_clock_that_is_set_back_a_little() {
    let world = World::telling(7, MfaMode::Optional);
    world.user("ann", |_| {});
    for _ in 0..5 {
        assert_eq!(refusal(wait(world.sign_in("ann", "wrong"))), Refusal::BadCredentials);
    }
    let is_locked = || {
        let told = refusal(wait(world.sign_in("ann", "wrong")));
        matches!(told, Refusal::LockedOut { .. })
    };
    world.earlier(Duration::from_mins(1));
    assert!(is_locked());
    world.earlier(Duration::from_hours(1));
    assert!(!is_locked());
    assert!(is_locked());
}

/// Who holds a stolen token and is slow must not come first.
#[test]
fn a_change_that_waits_is_not_made_for_who_was_shut_out_meanwhile() {
    let shut_out: [Event; 2] = [
        ("the user is signed out", |world, user| {
            wait(world.engine.sign_out_user(&operator(), &user.pool, "ann")).unwrap();
        }),
        ("the user is disabled", |world, user| {
            wait(world.engine.disable_user(&operator(), &user.pool, "ann")).unwrap();
        }),
    ];
    for (what, happens) in shut_out {
        let mut refused = 0;
        for steps in 0..60 {
            let world = World::new(steps, MfaMode::Off);
            let user = world.user("ann", |_| {});
            let tokens = signed_in(wait(world.sign_in("ann", PASSWORD)));
            world.later(Duration::from_secs(1));
            let (old, new, by) = (Secret::from(PASSWORD), Secret::from("Br4nd-new!"), operator());
            let service: &dyn SelfService = &world.engine;
            let mut change = service.change_password(&by, &tokens.access_token, &old, &new);
            let mut waker = Context::from_waker(Waker::noop());
            let early = (0..steps).find_map(|_| match change.as_mut().poll(&mut waker) {
                Poll::Ready(result) => Some(result),
                Poll::Pending => None,
            });
            let as_of_then = wait(world.engine.get_user(&by, &user.pool, "ann")).unwrap();
            let is_made = as_of_then.password != user.password;
            happens(&world, &user);
            let result = early.unwrap_or_else(|| wait(change));
            assert_eq!(result.is_ok(), is_made, "{what} after {steps} steps: {result:?}");
            refused += u64::from(!is_made);
        }
        assert!((1..60).contains(&refused), "{what}: {refused}");
    }
}
