//! The SQLite store.

use crate::contract::{AnyStore, contract_of, done};
use crate::records::{
    access_key, at, client, create, full_user, lockout, message, partner, pool, pool_id, session,
    signing_key, spend, sub_of, user,
};
use poolkeeper_pool::change::Change;
use poolkeeper_pool::entity::KeyUse;
use poolkeeper_pool::error::StoreError;
use poolkeeper_store::SqliteStore;
use rusqlite::Connection;
use std::fmt::Debug;
use std::path::PathBuf;
use std::sync::Arc;
use tempfile::TempDir;
use tokio::task::JoinSet;

contract_of!([cfg(test)] fresh());

fn fresh() -> (TempDir, AnyStore) {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    (folder, store)
}

fn path(folder: &TempDir) -> PathBuf {
    folder.path().join("pool.db")
}

fn open(folder: &TempDir) -> AnyStore {
    Arc::new(SqliteStore::open(&path(folder)).unwrap())
}

#[tokio::test]
async fn what_was_committed_survives_reopening() {
    let (folder, store) = fresh();
    done(&store, [create(&full_user("ada")), spend("x", at(9))]).await;
    drop(store);
    let names: Vec<_> =
        std::fs::read_dir(folder.path()).unwrap().map(|f| f.unwrap().file_name()).collect();
    assert_eq!(names, ["pool.db"], "the log was copied at the end");
    let store = open(&folder);
    assert_eq!(store.user(&pool_id(), &sub_of("ada")).await.unwrap(), Some(full_user("ada")));
}

/// The files as they are while the store is open are what a crash leaves behind.
#[tokio::test]
async fn what_was_committed_survives_a_crash() {
    let (folder, store) = fresh();
    done(&store, [create(&full_user("ada"))]).await;
    let crashed = TempDir::new().unwrap();
    for file in ["pool.db", "pool.db-wal"] {
        std::fs::copy(folder.path().join(file), crashed.path().join(file)).unwrap();
    }
    let store = open(&crashed);
    assert_eq!(store.user(&pool_id(), &sub_of("ada")).await.unwrap(), Some(full_user("ada")));
}

#[tokio::test]
async fn a_commit_in_flight_is_finished_before_the_store_is_gone() {
    let (folder, store) = fresh();
    for i in 0..100 {
        let commit = store.commit(vec![Change::CreateSession(session(&format!("{i}"), "ada"))]);
        // Polled once, so that it is queued; then its caller goes away.
        let _ = tokio::time::timeout(std::time::Duration::ZERO, commit).await;
    }
    drop(store);
    let store = open(&folder);
    for i in 0..100 {
        let id = format!("{i}").as_str().into();
        assert!(store.session(&pool_id(), &id).await.unwrap().is_some(), "{i}");
    }
}

#[tokio::test]
async fn two_stores_may_share_a_file() {
    let (folder, first) = fresh();
    let second = open(&folder);
    done(&first, [spend("a", at(9)), create(&user("ada"))]).await;
    assert_eq!(crate::contract::refused(&second, [spend("a", at(9))]).await, 0);
    assert!(second.user(&pool_id(), &sub_of("ada")).await.unwrap().is_some());
}

#[test]
fn a_database_of_a_newer_release_is_refused() {
    let (folder, store) = fresh();
    drop(store);
    let raw = Connection::open(path(&folder)).unwrap();
    raw.pragma_update(None, "user_version", 1000).unwrap();
    let error = SqliteStore::open(&path(&folder)).err().unwrap().to_string();
    assert!(error.contains("schema version 1000, made by a newer release"), "{error}");
}

#[tokio::test]
async fn a_database_of_the_first_release_is_brought_up_to_date() {
    let folder = TempDir::new().unwrap();
    let raw = Connection::open(path(&folder)).unwrap();
    raw.execute_batch(include_str!("../../migrations/sqlite/0001_initial.sql")).unwrap();
    raw.execute_batch(
        "INSERT INTO partners VALUES ('us-east-1_AbCdEf123', 'partner-id-acme', \
         '{\"pool\":\"us-east-1_AbCdEf123\",\"id\":\"partner-id-acme\",\"client_id\":17,\
         \"name\":\"Acme\",\"domain\":\"acme.example\",\"currency\":\"USD\",\
         \"vertical\":\"live_entertainment\",\"demand_prediction\":true,\
         \"campaign_recommendations\":false,\"status\":\"active\",\"pricing_tier\":\"gold\",\
         \"campaign_pricing_model\":\"flat\",\"ner_active\":false}')",
    )
    .unwrap();
    let key = signing_key("k", KeyUse::Access, at(3));
    raw.execute(
        "INSERT INTO signing_keys VALUES ('us-east-1_AbCdEf123', 'k', 'access', ?1, ?2)",
        (key.private.as_bytes(), key.created_at.millis()),
    )
    .unwrap();
    raw.execute_batch(
        "INSERT INTO user_pools VALUES ('us-east-1_AbCdEf123', '{}', 1);
         INSERT INTO users VALUES ('us-east-1_AbCdEf123', 'aa1', 'a', 'a', 'CONFIRMED', 'Enabled', \
            'person', NULL, 0, '{}', '{}', NULL, 0, 0, 1),
            ('us-east-1_AbCdEf123', 'aa2', 'b', 'b', 'CONFIRMED', 'Enabled', \
            'person', NULL, 0, '{}', '{}', NULL, 0, 0, 1);
         INSERT INTO memberships VALUES ('us-east-1_AbCdEf123', 'aa1', 'g');",
    )
    .unwrap();
    raw.pragma_update(None, "user_version", 1).unwrap();
    drop(raw);
    let store = open(&folder);
    // A key signs from when that release made it.
    assert_eq!(store.signing_keys(&pool_id()).await.unwrap(), [key]);
    // A partner as that release wrote it can be read, and changed as it was read.
    let before = store.partner(&pool_id(), &partner("").id).await.unwrap().unwrap();
    assert_eq!(before, partner("Acme"));
    let (before, after) = (Box::new(before), Box::new(partner("Acme Inc.")));
    done(&store, [Change::UpdatePartner { before, after }]).await;
    assert_eq!(store.all_grants(&pool_id()).await.unwrap(), []);
    // Its users are counted.
    let raw = Connection::open(path(&folder)).unwrap();
    let counted = |sql| raw.query_row(sql, [], |row| row.get::<_, String>(0)).unwrap();
    assert_eq!(counted("SELECT part || users FROM user_counts"), "aa2");
    assert_eq!(counted("SELECT group_name || part || members FROM member_counts"), "gaa1");
}

#[test]
fn a_file_that_is_no_database_is_refused() {
    let folder = TempDir::new().unwrap();
    std::fs::write(path(&folder), "x".repeat(4096)).unwrap();
    assert!(matches!(SqliteStore::open(&path(&folder)), Err(StoreError::Unavailable(_))));
    let nowhere = folder.path().join("no/such/folder");
    assert!(matches!(SqliteStore::open(&nowhere), Err(StoreError::Unavailable(_))));
}

#[cfg(unix)]
#[tokio::test]
async fn the_files_are_for_their_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let (folder, store) = fresh();
    done(&store, [spend("x", at(9))]).await;
    let mut files = 0;
    for file in std::fs::read_dir(folder.path()).unwrap() {
        let file = file.unwrap();
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{file:?}");
        files += 1;
    }
    assert_eq!(files, 3);
}

/// Expects a report of a damaged row by table and column that does not tell what is in it.
fn assert_damaged<T: Debug>(read: Result<T, StoreError>, damaged: &str) {
    let Err(StoreError::Inconsistent { table, reason }) = read else { panic!("{read:?}") };
    assert!(format!("{table}.{reason}").starts_with(&format!("{damaged} ")), "{table} {reason}");
    assert!(!reason.contains("hush"), "{reason}");
}

#[tokio::test]
async fn a_damaged_user_is_reported_without_its_content() {
    let (folder, store) = fresh();
    done(&store, [create(&user("ada"))]).await;
    let raw = Connection::open(path(&folder)).unwrap();
    let damages = [
        ("mfa", r#"{"totp": "hush"}"#),
        ("attributes", r#"{"email": {"hush": 1}}"#),
        ("kind", "hush"),
        ("status", "hush"),
        ("user_status", "hush"),
    ];
    for (column, damage) in damages {
        let sql = format!("UPDATE users SET {column} = '{damage}'");
        assert_eq!(raw.execute(&sql, []).unwrap(), 1);
        let read = store.user(&pool_id(), &sub_of("ada")).await;
        assert_damaged(read, &format!("users.{column}"));
        assert_damaged(store.users(&pool_id(), None, None, 9).await, &format!("users.{column}"));
    }
}

#[tokio::test]
async fn other_damaged_rows_are_reported_without_their_content() {
    let (folder, store) = fresh();
    let changes = [
        Change::CreatePool(Box::new(pool(pool_id()))),
        Change::CreateClient(Box::new(client(pool_id(), "abc"))),
        Change::CreateSigningKey(signing_key("k", KeyUse::Id, at(0))),
        Change::SetLockout(lockout("ada", 1, 0)),
        Change::Enqueue(message("m", at(0))),
        Change::PutAccessKey(access_key(&["*"])),
        Change::CreatePartner(Box::new(partner("Acme"))),
    ];
    done(&store, changes).await;
    let raw = Connection::open(path(&folder)).unwrap();
    raw.execute_batch(
        "UPDATE user_pools SET settings = replace(settings, '_AbCdEf123', '_hush');
         UPDATE app_clients SET settings = '{\"id\": \"hush';
         UPDATE signing_keys SET key_use = 'hush';
         UPDATE lockouts SET failures = -1;
         UPDATE outbox SET channel = 'hush';
         UPDATE access_keys SET pools = '[hush]';
         UPDATE partners SET settings = replace(settings, '17', '\"hush\"');",
    )
    .unwrap();
    let pool = pool_id();
    assert_damaged(store.pool(&pool).await, "user_pools.settings");
    assert_damaged(store.client(&"abc".into()).await, "app_clients.settings");
    assert_damaged(store.signing_keys(&pool).await, "signing_keys.key_use");
    assert_damaged(store.lockout(&pool, "ada").await, "lockouts.failures");
    assert_damaged(store.messages(1).await, "outbox.channel");
    assert_damaged(store.access_key(&access_key(&[]).id).await, "access_keys.pools");
    assert_damaged(store.partner(&pool, &partner("").id).await, "partners.settings");
}

fn pages(folder: &TempDir) -> (i64, i64) {
    let raw = Connection::open(path(folder)).unwrap();
    let counts = "SELECT freelist_count, page_count FROM pragma_freelist_count, pragma_page_count";
    raw.query_row(counts, [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap()
}

/// A file with much in it that was removed again, and the store over it.
fn emptied(folder: &TempDir) -> AnyStore {
    let store = open(folder);
    let raw = Connection::open(path(folder)).unwrap();
    raw.execute_batch(
        "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 6000)
         INSERT INTO kept_sessions SELECT 'p', 'session ' || n, zeroblob(3500), 0 FROM numbers;
         DELETE FROM kept_sessions",
    )
    .unwrap();
    store
}

#[tokio::test]
async fn a_file_shrinks_in_portions_and_keeps_space_for_what_comes() {
    let folder = TempDir::new().unwrap();
    let store = emptied(&folder);
    let (free, all) = pages(&folder);
    assert!(free > 5_900, "{free} of {all} pages are free");
    let mut sizes = vec![all];
    while store.sweep(at(0)).await.unwrap() {
        sizes.push(pages(&folder).1);
    }
    assert!(sizes.windows(2).all(|sizes| (1..=257).contains(&(sizes[0] - sizes[1]))), "{sizes:?}");
    let (free, _) = pages(&folder);
    assert!((3_840..=4_096).contains(&free), "{free} pages are free");
    drop(store);
    let size = std::fs::metadata(path(&folder)).unwrap().len();
    assert!(size < 20 << 20, "{size} bytes");
}

/// Until it is written anew, as `docs/operating.md` says.
#[tokio::test]
async fn a_file_of_an_earlier_release_keeps_its_size() {
    let folder = TempDir::new().unwrap();
    Connection::open(path(&folder))
        .unwrap()
        .execute_batch("CREATE TABLE x (y); DROP TABLE x")
        .unwrap();
    let store = emptied(&folder);
    let before = pages(&folder);
    assert!(!store.sweep(at(0)).await.unwrap());
    assert_eq!(pages(&folder), before);
    drop(store);
    let raw = Connection::open(path(&folder)).unwrap();
    raw.execute_batch("PRAGMA auto_vacuum = INCREMENTAL; VACUUM").unwrap();
    drop(raw);
    let (free, all) = pages(&folder);
    assert!(free == 0 && all < 200, "{free} of {all} pages are free");
    let store = emptied(&folder);
    assert!(store.sweep(at(0)).await.unwrap());
}

/// Under constant writes and reads the log is started over again and again; otherwise it would
/// come to some 60 MB here.
#[tokio::test(flavor = "multi_thread")]
async fn the_log_does_not_grow_without_end() {
    let (folder, store) = fresh();
    let mut tasks = JoinSet::new();
    for task in 0..32 {
        let store = Arc::clone(&store);
        tasks.spawn(async move {
            for i in 0..40 {
                let sessions = (0..50).map(|n| session(&format!("{task}-{i}-{n}"), "ada"));
                done(&store, sessions.map(Change::CreateSession)).await;
                let id = format!("{task}-{i}-0").as_str().into();
                store.session(&pool_id(), &id).await.unwrap();
            }
        });
    }
    tasks.join_all().await;
    let log = std::fs::metadata(folder.path().join("pool.db-wal")).unwrap().len();
    assert!(log < 32 << 20, "{log} bytes");
}
