//! A commit that meets what another transaction has done and not yet committed waits for it, and is
//! decided by how that ends. The other transaction is the test's own.

use super::fresh;
use crate::contract::{AnyStore, done};
use crate::records::{
    at, client, create, device, expect, group, lockout, other_pool_id, pool_id, session, spend,
    sub_of, update, user,
};
use crate::schema::TestSchema;
use poolkeeper_pool::change::Change;
use poolkeeper_pool::entity::{CodePurpose, Contact, User, VerificationCode};
use poolkeeper_pool::error::CommitError;
use poolkeeper_pool::limits::quota::{Quota, Use};
use std::sync::Arc;
use tokio::task::JoinHandle;

type Commit = JoinHandle<Result<(), CommitError>>;

/// Begins to commit changes while a transaction has done `sql`, and waits until that waits.
async fn wait_behind(
    (schema, store): &(TestSchema, AnyStore),
    sql: &str,
    changes: Vec<Change>,
) -> (tokio_postgres::Client, Commit) {
    let other = schema.client().await;
    other.batch_execute(&format!("BEGIN; {sql}")).await.unwrap();
    let store = Arc::clone(store);
    let commit = tokio::spawn(async move { store.commit(changes).await });
    schema.until_somebody_waits().await;
    assert!(!commit.is_finished());
    (other, commit)
}

fn code(expires_at: i64) -> VerificationCode {
    VerificationCode {
        pool: pool_id(),
        subject: "ada".to_owned(),
        purpose: CodePurpose::ResetPassword,
        digest: "digest".to_owned(),
        contact: Contact::Email,
        address: "a@b.c".to_owned(),
        expires_at: at(expires_at),
    }
}

fn one_use() -> Change {
    let quota = Quota::ForgotPassword;
    Change::UseQuota(Use {
        pool: pool_id(),
        subject: "ada".to_owned(),
        quota,
        limit: quota.limit(),
        at: at(0),
    })
}

/// What each change is decided by: the other transaction, and the change.
fn meetings() -> Vec<(&'static str, Change)> {
    let (pool, sub) = (pool_id(), sub_of("ada"));
    let subject = || "ada".to_owned();
    vec![
        ("UPDATE users SET version = 2", expect(&sub, 1)),
        ("UPDATE users SET version = 2", update(&user("ada"))),
        (
            "DELETE FROM users",
            Change::DeleteUser { pool: pool.clone(), sub: sub.clone(), version: 1 },
        ),
        (
            "INSERT INTO users SELECT pool_id, 'sub-2', 'eve', 'eve', user_status, status, kind, \
             password, 0, attributes, mfa, 0, 0, 0, 1 FROM users",
            create(&user("eve")),
        ),
        (
            "INSERT INTO lockouts VALUES ('us-east-1_AbCdEf123', 'ada', 1, 0, 1)",
            Change::ExpectNoLockout { pool: pool.clone(), subject: subject() },
        ),
        (
            "INSERT INTO lockouts VALUES ('us-east-1_AbCdEf123', 'ada', 1, 0, 1)",
            Change::SetLockout(lockout("ada", 1, 0)),
        ),
        (
            "UPDATE lockouts SET version = 2",
            Change::ClearLockout { pool: pool.clone(), subject: "eve".to_owned(), version: 1 },
        ),
        (
            "INSERT INTO spent VALUES ('us-east-1_AbCdEf123', 'session:once', 0)",
            spend("once", at(9)),
        ),
        ("UPDATE verification_codes SET digest = 'new'", Change::SpendCode(code(99))),
        ("UPDATE quotas SET used = 5", one_use()),
        (
            "UPDATE sessions SET rotation = 1",
            Change::RotateSession { pool: pool.clone(), id: "s".into(), rotation: 0, at: at(1) },
        ),
        (
            "UPDATE sessions SET revoked_at = 1",
            Change::RotateSession { pool: pool.clone(), id: "s".into(), rotation: 0, at: at(1) },
        ),
        (
            "DELETE FROM groups",
            Change::AddToGroup { pool: pool.clone(), sub: sub.clone(), group: "g".into() },
        ),
        (
            "UPDATE devices SET version = 2",
            Change::ExpectDevice { pool: pool.clone(), sub, key: "d".into(), version: 1 },
        ),
        (
            "INSERT INTO app_clients VALUES ('elsewhere', 'abc', '', 1)",
            Change::CreateClient(Box::new(client(other_pool_id(), "abc"))),
        ),
    ]
}

async fn prepared() -> (TestSchema, AnyStore) {
    let (schema, store) = fresh().await;
    let ada = User { signed_out_at: Some(at(0)), ..user("ada") };
    let changes = [
        create(&ada),
        Change::CreateGroup(group("g", None)),
        Change::CreateSession(session("s", "ada")),
        Change::CreateDevice(Box::new(device("d", "ada"))),
        Change::PutCode(code(99)),
        Change::SetLockout(lockout("eve", 1, 0)),
        one_use(),
    ];
    done(&store, changes).await;
    (schema, store)
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs POOLKEEPER_TEST_DATABASE"]
async fn a_change_is_refused_by_what_it_waited_for() {
    for (sql, change) in meetings() {
        // Alone in its transaction, and as the last of several.
        for list in [vec![change.clone()], vec![spend("before", at(9)), change]] {
            let last = list.len() - 1;
            let place = prepared().await;
            let (other, commit) = wait_behind(&place, sql, list).await;
            other.batch_execute("COMMIT").await.unwrap();
            let outcome = commit.await.unwrap();
            let refused = matches!(outcome, Err(CommitError::Refused(index)) if index == last);
            assert!(refused, "{sql}: {outcome:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs POOLKEEPER_TEST_DATABASE"]
async fn a_change_is_made_if_what_it_waited_for_is_undone() {
    for (sql, change) in meetings() {
        let place = prepared().await;
        let (other, commit) = wait_behind(&place, sql, vec![spend("before", at(9)), change]).await;
        other.batch_execute("ROLLBACK").await.unwrap();
        let outcome = commit.await.unwrap();
        assert!(outcome.is_ok(), "{sql}: {outcome:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs POOLKEEPER_TEST_DATABASE"]
async fn what_is_renewed_while_the_expired_is_removed_stays() {
    let (schema, store) = prepared().await;
    done(&store, [Change::PutCode(code(1))]).await;
    let other = schema.client().await;
    let renewed = format!("UPDATE verification_codes SET expires_at = {}", at(1000).millis());
    other.batch_execute(&format!("BEGIN; {renewed}")).await.unwrap();
    let sweeping = Arc::clone(&store);
    let sweep = tokio::spawn(async move { sweeping.sweep(at(500)).await });
    schema.until_somebody_waits().await;
    other.batch_execute("COMMIT").await.unwrap();
    assert!(!sweep.await.unwrap().unwrap());
    let code = store.code(&pool_id(), "ada", CodePurpose::ResetPassword).await.unwrap();
    assert_eq!(code.map(|code| code.expires_at), Some(at(1000)));
}

/// A group is made while a commit that is not done yet deletes the one of that name.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs POOLKEEPER_TEST_DATABASE"]
async fn a_group_that_is_made_while_it_goes_is_empty() {
    let place = prepared().await;
    let store = Arc::clone(&place.1);
    let join = Change::AddToGroup { pool: pool_id(), sub: sub_of("ada"), group: "g".into() };
    done(&store, [join]).await;
    let deleted = "DELETE FROM groups; \
        INSERT INTO removals VALUES ('us-east-1_AbCdEf123', 'group', 'g', '')";
    let again = vec![Change::CreateGroup(group("g", None))];
    let (other, commit) = wait_behind(&place, deleted, again).await;
    other.batch_execute("COMMIT").await.unwrap();
    commit.await.unwrap().unwrap();
    assert_eq!(store.groups_of(&pool_id(), &sub_of("ada")).await.unwrap(), []);
    assert!(store.group(&pool_id(), &"g".into()).await.unwrap().is_some());
}

/// A node of the release before looks for no removal.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs POOLKEEPER_TEST_DATABASE"]
async fn names_are_taken_for_older_nodes_until_nothing_is_left() {
    let (schema, _store) = prepared().await;
    let other = schema.client().await;
    let notes = "INSERT INTO removals VALUES \
        ('p', 'pool', '', ''), ('p', 'client', 'abc', ''), ('p', 'group', 'h', '')";
    other.batch_execute(notes).await.unwrap();
    let inserts = [
        "user_pools VALUES ('p', '{}', 1)",
        "app_clients VALUES ('p', 'abc', '{}', 1)",
        "groups VALUES ('p', 'h', NULL, NULL, NULL, 0, 0)",
    ];
    for left in [0, 1] {
        for insert in inserts {
            let rows = other.execute(&format!("INSERT INTO {insert}"), &[]).await.unwrap();
            assert_eq!(rows, left, "{insert}");
        }
        other.batch_execute("DELETE FROM removals").await.unwrap();
    }
}

/// Of a commit and a transaction that wait for each other, the commit is undone and made again.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs POOLKEEPER_TEST_DATABASE"]
async fn a_deadlock_is_tried_again() {
    let place = prepared().await;
    let changes = vec![Change::PutCode(code(1)), update(&user("ada"))];
    // The other one is patient, so that the commit is the one that is undone.
    let sql = "SET LOCAL deadlock_timeout = '60s'; UPDATE users SET modified_at = 0";
    let (other, commit) = wait_behind(&place, sql, changes).await;
    other.batch_execute("UPDATE verification_codes SET address = 'other'; COMMIT").await.unwrap();
    commit.await.unwrap().unwrap();
    assert_eq!(place.1.user(&pool_id(), &sub_of("ada")).await.unwrap().unwrap().version, 2);
}
