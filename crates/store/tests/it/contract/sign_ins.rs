//! What sign-ins leave behind.

use super::{AnyStore, done, refused};
use crate::records::{
    at, client, create, lockout, message, other_pool_id, pool_id, session, spend, sub_of, user,
};
use poolkeeper_pool::change::Change;
use poolkeeper_pool::entity::{
    Channel, CodePurpose, Contact, DeliveryProgress, Message, Session, Spent, User,
    VerificationCode,
};
use poolkeeper_pool::limits::lockout::Lockout;
use poolkeeper_pool::limits::quota::{Quota, Use};
use poolkeeper_pool::time::Timestamp;

const DAY: i64 = 86_400;
const WEEK: i64 = 7 * DAY;

async fn revoked_at(store: &AnyStore, id: &str) -> Option<Timestamp> {
    store.session(&pool_id(), &id.into()).await.unwrap().unwrap().revoked_at
}

pub(crate) async fn a_session_is_created_once_and_ended_once(store: &AnyStore) {
    let first = session("s1", "ada");
    done(store, [Change::CreateSession(first.clone())]).await;
    assert_eq!(store.session(&pool_id(), &first.id).await.unwrap().as_ref(), Some(&first));
    assert_eq!(store.session(&other_pool_id(), &first.id).await.unwrap(), None);
    assert_eq!(refused(store, [Change::CreateSession(first)]).await, 0);

    let plain = Session { address: None, device_key: None, ..session("s2", "ada") };
    let plain = Session { revoked_at: Some(at(3)), ..plain };
    done(store, [Change::CreateSession(plain.clone())]).await;
    assert_eq!(store.session(&pool_id(), &plain.id).await.unwrap(), Some(plain));

    let revoke = |id: &str, at| [Change::RevokeSession { pool: pool_id(), id: id.into(), at }];
    done(store, revoke("s1", at(5))).await;
    done(store, revoke("s1", at(6))).await;
    done(store, revoke("unknown", at(6))).await;
    assert_eq!(revoked_at(store, "s1").await, Some(at(5)));
}

pub(crate) async fn a_session_is_rotated_on_its_rotation_while_it_lives(store: &AnyStore) {
    let rotate = |rotation, second| {
        let (pool, id) = (pool_id(), "s1".into());
        [Change::RotateSession { pool, id, rotation, at: at(second) }]
    };
    assert_eq!(refused(store, rotate(0, 1)).await, 0);
    let first = session("s1", "ada");
    done(store, [Change::CreateSession(first.clone())]).await;
    assert_eq!(refused(store, rotate(1, 1)).await, 0);
    done(store, rotate(0, 2)).await;
    assert_eq!(refused(store, rotate(0, 3)).await, 0);
    done(store, rotate(1, 4)).await;
    let stored = store.session(&pool_id(), &first.id).await.unwrap();
    assert_eq!(stored, Some(Session { rotation: 2, rotated_at: Some(at(4)), ..first }));
    done(store, [Change::RevokeSession { pool: pool_id(), id: "s1".into(), at: at(5) }]).await;
    assert_eq!(refused(store, rotate(2, 6)).await, 0);
}

pub(crate) async fn live_sessions_of_a_user_come_newest_first(store: &AnyStore) {
    let begun = |id: &str, user: &str, second| Session {
        auth_time: at(second),
        expires_at: at(second + 100),
        ..session(id, user)
    };
    let ended = Session { revoked_at: Some(at(3)), ..begun("s3", "ada", 3) };
    let all = [
        begun("s1", "ada", 1),
        begun("s2", "ada", 2),
        ended,
        begun("s4", "ada", 4),
        begun("s5", "eve", 5),
        begun("s6", "ada", 4),
    ];
    done(store, [Change::CreateClient(Box::new(client(pool_id(), "client")))]).await;
    done(store, all.map(Change::CreateSession)).await;
    let live = async |now, limit| {
        let found = store.sessions_of(&pool_id(), &sub_of("ada"), at(now), limit).await.unwrap();
        found.into_iter().map(|session| session.id.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(live(10, 9).await, ["s4", "s6", "s2", "s1"]);
    assert_eq!(live(101, 9).await, ["s4", "s6", "s2"]);
    assert_eq!(live(10, 2).await, ["s4", "s6"]);
    let elsewhere = store.sessions_of(&other_pool_id(), &sub_of("ada"), at(10), 9).await.unwrap();
    assert_eq!(elsewhere, []);
}

pub(crate) async fn all_sessions_of_a_user_end(store: &AnyStore) {
    let ended = Session { revoked_at: Some(at(1)), ..session("s2", "ada") };
    let sessions = [session("s1", "ada"), ended, session("s3", "eve")];
    done(store, sessions.map(Change::CreateSession)).await;
    let revoke = Change::RevokeSessionsOf { pool: pool_id(), sub: sub_of("ada"), at: at(9) };
    done(store, [revoke.clone(), revoke]).await;
    assert_eq!(revoked_at(store, "s1").await, Some(at(9)));
    assert_eq!(revoked_at(store, "s2").await, Some(at(1)));
    assert_eq!(revoked_at(store, "s3").await, None);
}

pub(crate) async fn all_but_the_latest_sessions_of_a_user_end(store: &AnyStore) {
    let begun = |id: &str, user: &str, second| Session {
        auth_time: at(second),
        rotated_at: None,
        expires_at: at(second + 100),
        ..session(id, user)
    };
    let all = [
        begun("s1", "ada", 1),
        Session { rotated_at: Some(at(30)), ..begun("s2", "ada", 2) },
        Session { revoked_at: Some(at(3)), ..begun("s3", "ada", 3) },
        Session { expires_at: at(20), ..begun("s4", "ada", 10) },
        begun("s5", "ada", 5),
        begun("s6", "eve", 1),
    ];
    done(store, [Change::CreateClient(Box::new(client(pool_id(), "client")))]).await;
    done(store, all.map(Change::CreateSession)).await;
    let (pool, sub) = (pool_id(), sub_of("ada"));
    let keep = |keep| Change::RevokeStaleSessions {
        pool: pool.clone(),
        sub: sub.clone(),
        at: at(40),
        keep,
    };
    done(store, [keep(3)]).await;
    let live = async || {
        let found = store.sessions_of(&pool, &sub, at(40), 9).await.unwrap();
        found.into_iter().map(|session| session.id.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(live().await, ["s5", "s2", "s1"]);
    done(store, [keep(2)]).await;
    assert_eq!(live().await, ["s5", "s2"]);
    done(store, [keep(1)]).await;
    assert_eq!(live().await, ["s2"]);
    assert_eq!(revoked_at(store, "s1").await, Some(at(40)));
    assert_eq!(revoked_at(store, "s3").await, Some(at(3)));
    assert_eq!(revoked_at(store, "s6").await, None);
    done(store, [keep(0)]).await;
    assert_eq!(live().await, [""; 0]);
}

pub(crate) async fn a_value_is_spent_once_in_each_pool(store: &AnyStore) {
    done(store, [spend("x", at(1))]).await;
    assert_eq!(refused(store, [spend("x", at(2))]).await, 0);
    let spent = Spent::ChallengeSession("x".to_owned());
    let elsewhere = Change::Spend { pool: other_pool_id(), spent, until: at(1) };
    done(store, [elsewhere, spend("X", at(1))]).await;
}

fn code(digest: &str, until: i64) -> VerificationCode {
    VerificationCode {
        pool: pool_id(),
        subject: "ada".to_owned(),
        purpose: CodePurpose::ResetPassword,
        digest: digest.to_owned(),
        contact: Contact::PhoneNumber,
        address: "+14325551212".to_owned(),
        expires_at: at(until),
    }
}

async fn stored_code(store: &AnyStore, purpose: CodePurpose) -> Option<VerificationCode> {
    store.code(&pool_id(), "ada", purpose).await.unwrap()
}

pub(crate) async fn a_code_takes_the_place_of_the_one_before_and_is_spent_once(store: &AnyStore) {
    let (first, second) = (code("first", 9), code("second", 10));
    assert_eq!(refused(store, [Change::SpendCode(first.clone())]).await, 0);
    done(store, [Change::PutCode(first.clone())]).await;
    assert_eq!(stored_code(store, CodePurpose::ResetPassword).await, Some(first.clone()));
    assert_eq!(stored_code(store, CodePurpose::ConfirmSignUp).await, None);
    done(store, [Change::PutCode(second.clone())]).await;
    assert_eq!(refused(store, [Change::SpendCode(first)]).await, 0);
    assert_eq!(stored_code(store, CodePurpose::ResetPassword).await, Some(second.clone()));
    done(store, [Change::SpendCode(second.clone())]).await;
    assert_eq!(refused(store, [Change::SpendCode(second)]).await, 0);
}

pub(crate) async fn old_codes_and_quotas_are_removed(store: &AnyStore) {
    let change = use_of(Quota::ForgotPassword, 0);
    done(store, [Change::PutCode(code("c", 9)), change]).await;
    store.sweep(at(9)).await.unwrap();
    assert!(stored_code(store, CodePurpose::ResetPassword).await.is_some());
    store.sweep(at(10)).await.unwrap();
    assert_eq!(stored_code(store, CodePurpose::ResetPassword).await, None);
}

fn use_of(quota: Quota, when: i64) -> Change {
    Change::UseQuota(next_use(quota, when))
}

fn next_use(quota: Quota, when: i64) -> Use {
    let (pool, subject) = (pool_id(), "ada".to_owned());
    Use { pool, subject, quota, limit: quota.limit(), at: at(when) }
}

pub(crate) async fn a_quota_says_whether_it_is_used_up(store: &AnyStore) {
    let quota = Quota::ChangePassword;
    let is_used_up = async |next: Use| store.is_used_up(&next).await.unwrap();
    for second in 0..5 {
        assert!(!is_used_up(next_use(quota, second)).await);
        done(store, [Change::UseSilentQuota(next_use(quota, second))]).await;
    }
    assert!(is_used_up(next_use(quota, 5)).await);
    assert_eq!(refused(store, [Change::UseSilentQuota(next_use(quota, 5))]).await, 0);
    assert!(!is_used_up(next_use(Quota::ForgotPassword, 5)).await);
    assert!(!is_used_up(Use { subject: "bob".to_owned(), ..next_use(quota, 5) }).await);
    assert!(!is_used_up(Use { pool: other_pool_id(), ..next_use(quota, 5) }).await);
    // Counted on without a limit, it comes back no later.
    done(store, [Change::UseSilentQuota(Use { limit: i64::MAX, ..next_use(quota, 5) })]).await;
    assert!(is_used_up(next_use(quota, 3599)).await);
    assert!(!is_used_up(next_use(quota, 3600)).await);
    // A window that begins in the future was begun by a clock that was wrong.
    assert!(!is_used_up(next_use(quota, -100_000)).await);
}

pub(crate) async fn a_quota_is_used_up_and_comes_back_with_its_next_window(store: &AnyStore) {
    let quota = Quota::ChangePassword;
    for second in 0..5 {
        done(store, [use_of(quota, second)]).await;
    }
    assert_eq!(refused(store, [use_of(quota, 5)]).await, 0);
    done(store, [use_of(Quota::ForgotPassword, 5)]).await;
    // The window began with the first use.
    assert_eq!(refused(store, [use_of(quota, 3599)]).await, 0);
    done(store, [use_of(quota, 3600)]).await;
    for second in 0..4 {
        done(store, [use_of(quota, 7000 + second)]).await;
    }
    assert_eq!(refused(store, [use_of(quota, 7100)]).await, 0);
    done(store, [use_of(quota, 7200)]).await;
}

pub(crate) async fn a_lockout_is_set_on_its_version(store: &AnyStore) {
    let set = |failures, version| [Change::SetLockout(lockout("ada", failures, version))];
    assert_eq!(store.lockout(&pool_id(), "ada").await.unwrap(), None);
    assert_eq!(refused(store, set(1, 1)).await, 0);
    done(store, set(1, 0)).await;
    assert_eq!(refused(store, set(1, 0)).await, 0);
    assert_eq!(store.lockout(&pool_id(), "ada").await.unwrap(), Some(lockout("ada", 1, 1)));
    done(store, set(2, 1)).await;
    assert_eq!(refused(store, set(2, 1)).await, 0);
    assert_eq!(store.lockout(&pool_id(), "ada").await.unwrap(), Some(lockout("ada", 2, 2)));
    assert_eq!(store.lockout(&other_pool_id(), "ada").await.unwrap(), None);
}

pub(crate) async fn a_lockout_is_cleared_on_its_version(store: &AnyStore) {
    let clear =
        |version| [Change::ClearLockout { pool: pool_id(), subject: "ada".to_owned(), version }];
    assert_eq!(refused(store, clear(0)).await, 0);
    done(store, [Change::SetLockout(lockout("ada", 1, 0))]).await;
    assert_eq!(refused(store, clear(2)).await, 0);
    done(store, clear(1)).await;
    assert_eq!(store.lockout(&pool_id(), "ada").await.unwrap(), None);
    assert_eq!(refused(store, clear(1)).await, 0);
}

pub(crate) async fn no_lockout_is_expected(store: &AnyStore) {
    let expect_none = Change::ExpectNoLockout { pool: pool_id(), subject: "ada".to_owned() };
    done(store, [expect_none.clone()]).await;
    done(store, [Change::SetLockout(lockout("eve", 1, 0)), expect_none.clone()]).await;
    let set = Change::SetLockout(lockout("ada", 1, 0));
    assert_eq!(refused(store, [set.clone(), expect_none.clone()]).await, 1);
    done(store, [set]).await;
    assert_eq!(refused(store, [expect_none]).await, 0);
}

pub(crate) async fn messages_come_newest_first(store: &AnyStore) {
    let messages =
        [message("a", at(3)), message("d", at(2)), message("c", at(2)), message("b", at(1))];
    done(store, messages.iter().rev().cloned().map(Change::Enqueue)).await;
    done(store, [Change::Enqueue(messages[0].clone())]).await;
    assert_eq!(store.messages(10).await.unwrap(), messages);
    assert_eq!(store.messages(2).await.unwrap(), messages[..2]);
    assert_eq!(store.messages(0).await.unwrap(), []);
}

fn advance(id: &str, attempts: u32, progress: &DeliveryProgress) -> [Change; 1] {
    let progress = progress.clone();
    [Change::AdvanceMessage { pool: pool_id(), id: id.into(), attempts, progress }]
}

pub(crate) async fn due_messages_come_in_the_order_of_their_time(store: &AnyStore) {
    let messages =
        [message("d", at(1)), message("a", at(2)), message("b", at(2)), message("c", at(4))];
    done(store, messages.iter().rev().cloned().map(Change::Enqueue)).await;
    assert_eq!(store.due_messages(Channel::Email, at(0), 9).await.unwrap(), []);
    assert_eq!(store.due_messages(Channel::Email, at(2), 9).await.unwrap(), messages[..3]);
    assert_eq!(store.due_messages(Channel::Email, at(9), 2).await.unwrap(), messages[..2]);
    assert_eq!(store.due_messages(Channel::Sms, at(9), 9).await.unwrap(), []);
    let before = &messages[0].progress;
    let ends = [
        DeliveryProgress { given_up_at: Some(at(3)), ..before.clone() },
        DeliveryProgress { delivered_at: Some(at(3)), ..before.clone() },
        DeliveryProgress { next_attempt_at: at(5), ..before.clone() },
    ];
    for (id, progress) in ["d", "a", "b"].into_iter().zip(&ends) {
        done(store, advance(id, 0, progress)).await;
    }
    let due = store.due_messages(Channel::Email, at(9), 9).await.unwrap();
    assert_eq!(due.iter().map(|message| message.id.as_str()).collect::<Vec<_>>(), ["c", "b"]);
}

pub(crate) async fn a_message_advances_from_where_it_was_seen(store: &AnyStore) {
    done(store, [Change::Enqueue(message("a", at(0)))]).await;
    let claimed = DeliveryProgress {
        attempts: 1,
        next_attempt_at: at(120),
        give_up_at: at(240),
        last_error: Some("the mail server answered 450".to_owned()),
        given_up_at: Some(at(7)),
        delivered_at: Some(at(8)),
    };
    assert_eq!(refused(store, advance("unknown", 0, &claimed)).await, 0);
    done(store, advance("a", 0, &claimed)).await;
    assert_eq!(refused(store, advance("a", 0, &claimed)).await, 0);
    let expected = Message { progress: claimed, ..message("a", at(0)) };
    assert_eq!(store.messages(9).await.unwrap(), [expected]);
    let remove = |id: &str| [Change::RemoveMessage { pool: pool_id(), id: id.into() }];
    done(store, remove("unknown")).await;
    done(store, remove("a")).await;
    done(store, remove("a")).await;
    assert_eq!(store.messages(9).await.unwrap(), []);
}

pub(crate) async fn undelivered_messages_are_paged_through(store: &AnyStore) {
    let messages = [message("c", at(1)), message("a", at(2)), message("b", at(2))];
    done(store, messages.iter().cloned().map(Change::Enqueue)).await;
    let given_up = DeliveryProgress { given_up_at: Some(at(3)), ..messages[0].progress.clone() };
    done(store, advance("c", 0, &given_up)).await;
    let first = store.undelivered_messages(None, 2).await.unwrap();
    assert_eq!(first[0].progress, given_up);
    assert_eq!(first[1], messages[1]);
    let after = Some((at(2), &messages[1].id));
    assert_eq!(store.undelivered_messages(after, 2).await.unwrap(), messages[2..]);
    let delivered = DeliveryProgress { delivered_at: Some(at(3)), ..messages[2].progress.clone() };
    done(store, advance("b", 0, &delivered)).await;
    assert_eq!(store.undelivered_messages(after, 2).await.unwrap(), []);
}

pub(crate) async fn what_has_expired_is_removed(store: &AnyStore) {
    let now = at(2 * WEEK);
    let long_ago = at(0);
    let recent = at(2 * WEEK - 60);
    let lockout =
        |subject: &str, last_failure_at| Lockout { last_failure_at, ..lockout(subject, 1, 0) };
    let session = |id, expires_at| Session { expires_at, ..session(id, "ada") };
    let by_another_clock = at(2 * WEEK - DAY);
    done(store, [spend("gone", at(2 * WEEK - DAY - 1)), spend("kept", by_another_clock)]).await;
    done(store, [session("gone", recent), session("kept", now)].map(Change::CreateSession)).await;
    done(
        store,
        [lockout("gone", at(2 * WEEK - 900)), lockout("kept", recent)].map(Change::SetLockout),
    )
    .await;
    done(store, [message("gone", long_ago), message("kept", at(WEEK))].map(Change::Enqueue)).await;

    store.sweep(now).await.unwrap();
    done(store, [spend("gone", now)]).await;
    assert_eq!(refused(store, [spend("kept", now)]).await, 0);
    assert_eq!(store.session(&pool_id(), &"gone".into()).await.unwrap(), None);
    assert!(store.session(&pool_id(), &"kept".into()).await.unwrap().is_some());
    assert_eq!(store.lockout(&pool_id(), "gone").await.unwrap(), None);
    assert!(store.lockout(&pool_id(), "kept").await.unwrap().is_some());
    assert_eq!(store.messages(9).await.unwrap(), [message("kept", at(WEEK))]);
}

pub(crate) async fn sign_ups_are_found_once_their_time_is_over(store: &AnyStore) {
    let put = |name: &str, until: i64| {
        let (pool, sub, until) = (pool_id(), sub_of(name), at(until));
        Change::PutSignUp { pool, sub, until }
    };
    let expired = async |now: i64| {
        let found = store.expired_sign_ups(at(now), 2).await.unwrap();
        found.into_iter().map(|(pool, sub)| (pool == pool_id(), sub)).collect::<Vec<_>>()
    };
    let ada = user("ada");
    done(store, [create(&ada), put("ada", 9), put("eve", 7), put("bob", 8)]).await;
    assert_eq!(expired(7).await, []);
    assert_eq!(expired(9).await, [(true, sub_of("eve")), (true, sub_of("bob"))]);
    done(store, [put("eve", 20)]).await;
    assert_eq!(expired(10).await, [(true, sub_of("bob")), (true, sub_of("ada"))]);
    done(store, [Change::RemoveSignUp { pool: pool_id(), sub: sub_of("bob") }]).await;
    let User { pool, sub, version, .. } = ada;
    done(store, [Change::DeleteUser { pool, sub, version }]).await;
    assert_eq!(expired(10).await, []);
    assert_eq!(expired(21).await, [(true, sub_of("eve"))]);
}

pub(crate) async fn removal_takes_bounded_bites(store: &AnyStore) {
    done(store, (0..501).map(|i| Change::Enqueue(message(&format!("{i:04}"), at(i))))).await;
    let now = at(2 * WEEK);
    assert!(store.sweep(now).await.unwrap());
    assert_eq!(store.messages(9).await.unwrap(), [message("0500", at(500))]);
    assert!(!store.sweep(now).await.unwrap());
    assert_eq!(store.messages(9).await.unwrap(), []);
}
