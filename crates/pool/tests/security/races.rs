//! Many at once, in hundreds of orders.

use crate::world::*;
use poolkeeper_pool::backend::entry_policy::EntryPolicy;
use poolkeeper_pool::backend::user_pool::{
    ChallengeAnswer, Factor, Outcome, Refresh, UserPool as _, Via,
};
use poolkeeper_pool::crypto::secret::Secret;
use poolkeeper_pool::entity::{CodeMfa, MfaMode, SessionRules, UserStatus};
use poolkeeper_pool::{Error, Refusal, Result};
use std::pin::Pin;
use std::sync::atomic::Ordering;

type Act<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

/// How many of the results are this refusal.
fn count<T>(results: &[Result<T>], refusal: &Refusal) -> usize {
    results.iter().filter(|r| matches!(r, Err(Error::Refused(r)) if r == refusal)).count()
}

fn won<T>(results: &[Result<T>]) -> usize {
    results.iter().filter(|result| result.is_ok()).count()
}

#[test]
fn of_many_wrong_passwords_at_once_five_are_told() {
    for seed in 0..100 {
        let world = World::telling(seed, MfaMode::Off);
        world.user("ann", |_| {});
        for (name, wrong) in [("ann", Refusal::BadCredentials), ("nobody", Refusal::UserNotFound)] {
            let attempts = (0..200).map(|_| world.sign_in(name, "wrong")).collect();
            let told = race(&world.chance, attempts);
            assert_eq!(count(&told, &wrong), 5, "{name}, seed {seed}");
            let locked =
                told.iter().filter(|t| matches!(t, Err(Error::Refused(Refusal::LockedOut { .. }))));
            assert_eq!(locked.count(), 195, "{name}, seed {seed}");
        }
    }
}

#[test]
fn a_right_password_among_wrong_ones_gains_no_free_guesses() {
    for seed in 0..200 {
        let world = World::telling(seed, MfaMode::Off);
        world.user("ann", |_| {});
        let password = |at: usize| if at == 7 { PASSWORD } else { "wrong" };
        let attempts = (0..60).map(|at| world.sign_in("ann", password(at))).collect();
        let told = race(&world.chance, attempts);
        // What failed before the right one came through is forgiven, as it is to everybody.
        let wrong = count(&told, &Refusal::BadCredentials);
        let most = if told[7].is_ok() { 9 } else { 5 };
        assert!((5..=most).contains(&wrong), "{wrong}, seed {seed}");
        assert!(won(&told) <= 1);
    }
}

#[test]
fn a_lock_that_is_lifted_among_wrong_passwords_gives_five_more_and_no_sixth() {
    for seed in 0..200 {
        let world = World::telling(seed, MfaMode::Off);
        world.user("ann", |_| {});
        let guess = |_| -> Act<'_, Result<()>> {
            Box::pin(async { world.sign_in("ann", "wrong").await.map(drop) })
        };
        let mut acts: Vec<_> = (0..60).map(guess).collect();
        acts.push(Box::pin(async { world.engine.unlock(&operator(), &POOL.into(), "ann").await }));
        let told = race(&world.chance, acts);
        assert!(told.last().unwrap().is_ok(), "seed {seed}");
        let wrong = count(&told, &Refusal::BadCredentials);
        assert!((5..=10).contains(&wrong), "{wrong}, seed {seed}");
    }
}

#[test]
fn of_many_guesses_in_one_session_five_are_told() {
    for seed in 0..100 {
        let world = World::new(seed, MfaMode::Optional);
        world.totp_user("app");
        let session = world.begin("app");
        let guess = |at: usize| ChallengeAnswer::SoftwareToken(Secret::new(format!("x{at}")));
        let guesses = (0..64).map(|at| world.respond(&session, guess(at))).collect();
        let told = race(&world.chance, guesses);
        assert_eq!(count(&told, &Refusal::CodeMismatch), 5, "seed {seed}");
        assert_eq!(won(&told), 0);
    }
}

#[test]
fn new_sessions_bring_no_new_guesses() {
    let world = World::telling(1, MfaMode::Optional);
    world.totp_user("app");
    for _ in 0..5 {
        let session = world.begin("app");
        let told = wait(world.respond(&session, ChallengeAnswer::SoftwareToken("x".into())));
        assert_eq!(refusal(told), Refusal::CodeMismatch);
    }
    let told = refusal(wait(world.sign_in("app", PASSWORD)));
    assert!(matches!(told, Refusal::LockedOut { .. }), "{told}");
}

#[test]
fn one_code_signs_in_once_whatever_the_session() {
    for seed in 0..50 {
        let world = World::new(seed, MfaMode::Optional);
        world.totp_user("app");
        let sessions: Vec<_> = (0..64).map(|_| world.begin("app")).collect();
        let code = || ChallengeAnswer::SoftwareToken(world.code(&KEY.into()));
        let answers = sessions.iter().map(|session| world.respond(session, code())).collect();
        let told = race(&world.chance, answers);
        assert_eq!((won(&told), count(&told, &Refusal::CodeSpent)), (1, 63), "seed {seed}");
    }
}

#[test]
fn one_session_is_answered_once() {
    for seed in 0..50 {
        let world = World::new(seed, MfaMode::Optional);
        world.totp_user("app");
        world.user("mail", |user| user.mfa.email = Some(CodeMfa { preferred: true }));
        world.user("new", |user| user.status = UserStatus::ForceChangePassword);
        world.both_user("both");
        for name in ["app", "mail", "new", "both"] {
            let session = world.begin(name);
            let answer = match name {
                "app" => ChallengeAnswer::SoftwareToken(world.code(&KEY.into())),
                "mail" => ChallengeAnswer::EmailCode(world.mailed_code()),
                "both" => ChallengeAnswer::MfaType(Factor::Email),
                _ => new_password("An0ther!pass"),
            };
            let answers = (0..64).map(|_| world.respond(&session, answer.clone())).collect();
            let told = race(&world.chance, answers);
            assert_eq!(won(&told), 1, "{name}, seed {seed}");
            assert_eq!(count(&told, &Refusal::ChallengeSessionSpent), 63, "{name}, seed {seed}");
        }
    }
}

/// Refreshes, revocations and sign-outs at once: once the end was told, nothing comes any more.
#[test]
fn an_end_that_was_told_is_the_end() {
    for seed in 0..200 {
        let world = World::new(seed, MfaMode::Off);
        world.user("ann", |_| {});
        let tokens = signed_in(wait(world.sign_in("ann", PASSWORD)));
        let refresh_token = tokens.refresh_token.unwrap();
        let refresh = || async {
            let (via, refresh_token) = (Via::trusted(&CLIENT.into()), refresh_token.clone());
            let (device_key, entry_policy) = (None, EntryPolicy::default());
            let command = Refresh { via, refresh_token, device_key, entry_policy };
            world.engine.refresh(&operator(), command).await
        };
        let told: std::sync::Mutex<Vec<bool>> = std::sync::Mutex::default();
        let ended = std::sync::atomic::AtomicBool::new(false);
        let mut acts: Vec<Act<'_, ()>> = Vec::new();
        for at in 0..40 {
            if at == 20 {
                acts.push(Box::pin(async {
                    let via = Via::trusted(&CLIENT.into());
                    if seed % 2 == 0 {
                        world.engine.revoke(&operator(), &via, &refresh_token).await.unwrap();
                    } else {
                        world
                            .engine
                            .global_sign_out(&operator(), &tokens.access_token)
                            .await
                            .unwrap();
                    }
                    ended.store(true, Ordering::SeqCst);
                }));
            }
            acts.push(Box::pin(async {
                let after_the_end = ended.load(Ordering::SeqCst);
                let came = refresh().await.is_ok();
                told.lock().unwrap().push(after_the_end && came);
            }));
        }
        race(&world.chance, acts);
        assert!(!told.lock().unwrap().contains(&true), "seed {seed}");
        assert_eq!(refusal(wait(refresh())), Refusal::RefreshTokenRevoked);
        let told = refusal(wait(world.engine.authorize(&operator(), &tokens.access_token)));
        assert_eq!(told, Refusal::AccessTokenRevoked);
    }
}

/// A password that is set while sign-ins with the old one are under way: none that comes through
/// after it leaves a live session.
#[test]
fn no_sign_in_with_the_old_password_outlives_a_new_one() {
    for seed in 0..200 {
        let world = World::new(seed, MfaMode::Off);
        let user = world.user("ann", |_| {});
        world.later(std::time::Duration::from_millis(1));
        let mut acts: Vec<Act<'_, Option<Result<Outcome>>>> = Vec::new();
        for _ in 0..20 {
            acts.push(Box::pin(async { Some(world.sign_in("ann", PASSWORD).await) }));
        }
        acts.push(Box::pin(async {
            let password = Secret::from("Br4nd-new!");
            world
                .engine
                .set_password(&operator(), &user.pool, "ann", &password, true)
                .await
                .unwrap();
            None
        }));
        for outcome in race(&world.chance, acts).into_iter().flatten() {
            if let Ok(Outcome::SignedIn(signed_in)) = outcome {
                let told =
                    refusal(wait(world.engine.authorize(&operator(), &signed_in.access_token)));
                assert_eq!(told, Refusal::AccessTokenRevoked, "seed {seed}");
            }
        }
    }
}

#[test]
fn a_known_and_an_unknown_user_cost_the_same() {
    let world = World::new(1, MfaMode::Optional);
    world.user("ann", |_| {});
    world.user("gone", |user| user.enabled = false);
    world.user("new", |user| user.status = UserStatus::ForceChangePassword);
    world.user("unconfirmed", |user| user.status = UserStatus::Unconfirmed);
    world.user("bare", |user| user.password = None);
    let cost = |name: &str| {
        let before = |counter: &std::sync::atomic::AtomicUsize| counter.load(Ordering::SeqCst);
        let (compared, commits) = (before(&world.workers.compared), before(&world.store.commits));
        let told = refusal(wait(world.sign_in(name, "wrong")));
        let compared = before(&world.workers.compared) - compared;
        assert_eq!(told, Refusal::BadCredentials, "{name}");
        (compared, before(&world.store.commits) - commits)
    };
    for attempt in 1..=7 {
        for name in ["ann", "gone", "new", "unconfirmed", "bare", "nobody", "", "a@b.co"] {
            assert_eq!(cost(name), (1, 1), "{name}, attempt {attempt}");
        }
    }
}

#[test]
fn a_text_too_long_for_a_password_is_a_wrong_one_and_never_hashed() {
    let world = World::new(1, MfaMode::Off);
    world.user("ann", |_| {});
    for name in ["ann", "nobody"] {
        let long = "x".repeat(1 << 20);
        assert_eq!(refusal(wait(world.sign_in(name, &long))), Refusal::BadCredentials);
    }
    assert_eq!(world.workers.compared.load(Ordering::SeqCst), 2);
}

/// However many come at once, a user has as many sign-ins as the pool allows.
#[test]
fn no_more_sign_ins_than_the_pool_allows() {
    for seed in 0..50 {
        let world = World::new(seed, MfaMode::Off);
        let user = world.user("ann", |_| {});
        let rules = SessionRules { tracked: true, max_per_user: 3 };
        wait(world.engine.set_session_rules(&operator(), &user.pool, rules)).unwrap();
        let attempts = (0..12).map(|_| world.sign_in("ann", PASSWORD)).collect();
        let told = race(&world.chance, attempts);
        assert_eq!(won(&told), 12, "seed {seed}");
        let live = wait(world.engine.admin_list_sessions(&operator(), &user.pool, "ann")).unwrap();
        assert_eq!(live.len(), 3, "seed {seed}");
    }
}
