//! Connections that are lost, and callers who go away.

use super::fresh;
use crate::contract::{done, refused};
use crate::records::{at, create, pool_id, session, spend, sub_of, user};
use poolkeeper_pool::change::Change;
use poolkeeper_pool::error::{CommitError, StoreError};
use poolkeeper_pool::ports::Store as _;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs POOLKEEPER_TEST_DATABASE"]
async fn lost_connections_are_replaced() {
    let (schema, store) = fresh().await;
    done(&store, [create(&user("ada")), spend("a", at(9))]).await;
    for round in 0..5 {
        schema.end_connections().await;
        assert!(store.user(&pool_id(), &sub_of("ada")).await.unwrap().is_some());
        done(&store, [spend(&format!("b{round}"), at(9)), spend(&format!("c{round}"), at(9))])
            .await;
    }
}

/// A server that stops to take writes may leave its connections open.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs POOLKEEPER_TEST_DATABASE"]
async fn a_connection_that_takes_no_writes_any_more_is_replaced() {
    let (schema, store) = fresh().await;
    schema.run(READ_ONLY_FROM_NOW_ON).await;
    done(&store, [spend("a", at(9))]).await;
    schema.run("DROP TRIGGER ends ON spent").await;
    done(&store, [spend("b", at(9))]).await;
}

/// The connection that inserts a row of `spent` commits it, and writes nothing afterwards.
const READ_ONLY_FROM_NOW_ON: &str = "
    CREATE FUNCTION end_writes() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN PERFORM set_config('default_transaction_read_only', 'on', false); RETURN NULL; END $$;
    CREATE TRIGGER ends AFTER INSERT ON spent FOR EACH ROW EXECUTE FUNCTION end_writes();
";

/// Before the end of a transaction nothing can have been made, so it is made again.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs POOLKEEPER_TEST_DATABASE"]
async fn a_commit_that_loses_its_connection_on_the_way_is_made_once() {
    let (schema, store) = fresh().await;
    let other = schema.client().await;
    other.batch_execute("BEGIN; LOCK TABLE spent IN SHARE MODE").await.unwrap();
    let commit = {
        let store = Arc::clone(&store);
        let changes = vec![create(&user("ada")), spend("a", at(9))];
        tokio::spawn(async move { store.commit(changes).await })
    };
    schema.until_somebody_waits().await;
    schema.end_connections_but(&other).await;
    schema.until_somebody_waits().await;
    other.batch_execute("COMMIT").await.unwrap();
    commit.await.unwrap().unwrap();
    assert_eq!(refused(&store, [spend("a", at(9))]).await, 0);
}

/// A COMMIT without an answer is reported as a failure and not sent again.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs POOLKEEPER_TEST_DATABASE"]
async fn nobody_is_told_that_a_commit_without_answer_was_made() {
    let (schema, store) = fresh().await;
    schema.run(HELD_AT_COMMIT).await;
    let alone = vec![spend("a", at(9))];
    let together = vec![spend("b", at(9)), create(&user("ada"))];
    for changes in [alone, together] {
        let other = schema.client().await;
        other.batch_execute("SELECT pg_advisory_lock(4711)").await.unwrap();
        let commit = {
            let store = Arc::clone(&store);
            tokio::spawn(async move { store.commit(changes).await })
        };
        schema.until_somebody_waits().await;
        schema.end_connections_but(&other).await;
        let outcome = commit.await.unwrap();
        let Err(CommitError::Store(StoreError::Unavailable(reason))) = outcome else {
            panic!("{outcome:?}")
        };
        assert!(reason.starts_with("nobody knows whether a commit was made"), "{reason}");
    }
    schema.run("DROP TRIGGER held ON spent").await;
    done(&store, [spend("a", at(9)), spend("b", at(9)), create(&user("ada"))]).await;
}

/// Whoever commits a row of `spent` waits for an advisory lock.
const HELD_AT_COMMIT: &str = "
    CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN PERFORM pg_advisory_xact_lock(4711); RETURN NULL; END $$;
    CREATE CONSTRAINT TRIGGER held AFTER INSERT ON spent DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION hold();
";

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs POOLKEEPER_TEST_DATABASE"]
async fn a_commit_whose_caller_has_gone_is_finished() {
    let (schema, store) = fresh().await;
    let mut going = JoinSet::new();
    for i in 0..40 {
        let store = Arc::clone(&store);
        going.spawn(async move {
            let session = Change::CreateSession(session(&format!("{i}"), "ada"));
            let commit = store.commit(vec![session, spend(&format!("{i}"), at(9))]);
            // Polled once, so that it has begun; then its caller goes away.
            let _ = tokio::time::timeout(Duration::ZERO, commit).await;
        });
    }
    going.join_all().await;
    for i in 0..40 {
        let id = format!("{i}").as_str().into();
        while store.session(&pool_id(), &id).await.unwrap().is_none() {
            tokio::task::yield_now().await;
        }
    }
    // A refused commit leaves its connection as good as new, too.
    refused(&store, [spend("0", at(9)), spend("new", at(9))]).await;
    assert_eq!(schema.count("pg_stat_activity WHERE state LIKE 'idle in transaction%'").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs POOLKEEPER_TEST_DATABASE"]
async fn a_statement_that_takes_too_long_ends() {
    let schema = crate::schema::TestSchema::migrated().await;
    let mut settings = schema.settings();
    settings.statement_timeout = Duration::from_millis(50);
    let store = schema.open_with(&settings).await;
    let other = schema.client().await;
    other.batch_execute("BEGIN; LOCK TABLE spent IN EXCLUSIVE MODE").await.unwrap();
    let outcome = store.commit(vec![spend("a", at(9))]).await.unwrap_err().to_string();
    assert!(
        outcome.ends_with("canceling statement due to statement timeout (SQLSTATE 57014)"),
        "{outcome}"
    );
    other.batch_execute("ROLLBACK").await.unwrap();
    store.commit(vec![spend("a", at(9))]).await.unwrap();
}
