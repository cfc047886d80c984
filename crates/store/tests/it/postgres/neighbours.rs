//! What one node's trouble means for the others: a server without connections to spare, locks that
//! stay, a network that goes silent (S11).

use super::fresh;
use crate::contract::done;
use crate::records::{at, create, pool_id, spend, sub_of, update, user};
use crate::schema::TestSchema;
use poolkeeper_pool::error::CommitError;
use poolkeeper_pool::ports::Store as _;
use poolkeeper_store::{PostgresAddress, PostgresSettings, PostgresStore};
use std::process;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_postgres::config::{Config, Host};

/// A role that the server gives three connections, of which one is for reading.
async fn with_few_connections(schema: &TestSchema, role: &str) -> PostgresStore {
    let grant = format!(
        "DO $$ BEGIN
            CREATE ROLE {role} LOGIN CONNECTION LIMIT 3;
            EXECUTE format('GRANT USAGE ON SCHEMA %I TO {role}', current_schema);
            EXECUTE format('GRANT ALL ON ALL TABLES IN SCHEMA %I TO {role}', current_schema);
        END $$"
    );
    schema.run(&grant).await;
    let (scheme, rest) = schema.address().split_once("://").map(own).unwrap();
    let place = rest.split_once('@').map_or(rest.clone(), |(_, place)| place.to_owned());
    let address = PostgresAddress::parse(&format!("{scheme}://{role}@{place}")).unwrap();
    schema.open_with(&PostgresSettings { address, connections: 12, ..schema.settings() }).await
}

fn own((left, right): (&str, &str)) -> (String, String) {
    (left.to_owned(), right.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs POOLKEEPER_TEST_DATABASE"]
async fn a_commit_that_can_open_no_connection_waits_for_one_in_use() {
    let schema = TestSchema::migrated().await;
    let role = format!("few_{}", process::id());
    let store = Arc::new(with_few_connections(&schema, &role).await);
    let other = schema.client().await;
    other.batch_execute("BEGIN; LOCK TABLE spent IN SHARE MODE").await.unwrap();
    let mut commits = JoinSet::new();
    for number in 0..12 {
        let store = Arc::clone(&store);
        let changes = vec![spend(&format!("once{number}"), at(9))];
        commits.spawn(async move { store.commit(changes).await });
    }
    schema.until_somebody_waits().await;
    other.batch_execute("SELECT pg_sleep(1); COMMIT").await.unwrap();
    for outcome in commits.join_all().await {
        outcome.unwrap();
    }
    drop(store);
    schema.end_connections().await;
    schema.run(&format!("DROP OWNED BY {role}; DROP ROLE {role}")).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs POOLKEEPER_TEST_DATABASE"]
async fn a_row_that_stays_locked_is_not_waited_for_long() {
    let (schema, store) = fresh().await;
    done(&store, [create(&user("ada"))]).await;
    let other = schema.client().await;
    other.batch_execute("BEGIN; UPDATE users SET modified_at = 0").await.unwrap();
    let commit = store.commit(vec![update(&user("ada"))]);
    let outcome = timeout(Duration::from_secs(8), commit).await.expect("it waits for the lock");
    assert!(matches!(outcome, Err(CommitError::Store(_))), "{outcome:?}");
}

/// A node whose network goes silent before its COMMIT holds what it has changed.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs POOLKEEPER_TEST_DATABASE"]
async fn a_node_that_falls_silent_in_a_commit_does_not_hold_others_up() {
    let (schema, store) = fresh().await;
    done(&store, [create(&user("ada"))]).await;
    let port = deaf_to_commits().await;
    let config: Config = TestSchema::database().unwrap().parse().unwrap();
    let role = config.get_user().unwrap_or("postgres");
    let database = config.get_dbname().unwrap_or("postgres");
    let address = format!("postgres://{role}@127.0.0.1:{port}/{database}?sslmode=disable");
    let address = PostgresAddress::parse(&schema.on(&address)).unwrap();
    let silent = schema.open_with(&PostgresSettings { address, ..schema.settings() }).await;
    let lost = tokio::spawn(async move {
        silent.commit(vec![spend("lost", at(9)), update(&user("ada"))]).await
    });
    let idle = "pg_stat_activity WHERE state = 'idle in transaction'";
    while schema.count(idle).await == 0 {
        assert!(!lost.is_finished());
        tokio::task::yield_now().await;
    }
    done(&store, [spend("kept", at(9)), update(&user("ada"))]).await;
    assert_eq!(store.user(&pool_id(), &sub_of("ada")).await.unwrap().unwrap().version, 2);
    lost.abort();
}

/// A way to the server that carries no COMMIT, nor anything after it.
async fn deaf_to_commits() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            tokio::spawn(carry(client));
        }
    });
    port
}

async fn carry(client: TcpStream) {
    let config: Config = TestSchema::database().unwrap().parse().unwrap();
    let port = config.get_ports().first().copied().unwrap_or(5432);
    let (from_client, to_client) = client.into_split();
    match config.get_hosts().first().unwrap() {
        Host::Unix(folder) => {
            let server = UnixStream::connect(folder.join(format!(".s.PGSQL.{port}"))).await;
            let (from_server, to_server) = server.unwrap().into_split();
            tokio::join!(forth(from_client, to_server), back(from_server, to_client));
        }
        Host::Tcp(host) => {
            let server = TcpStream::connect((host.as_str(), port)).await;
            let (from_server, to_server) = server.unwrap().into_split();
            tokio::join!(forth(from_client, to_server), back(from_server, to_client));
        }
    }
}

async fn forth(
    mut from: impl tokio::io::AsyncRead + Unpin,
    mut to: impl tokio::io::AsyncWrite + Unpin,
) {
    let mut buffer = vec![0; 1 << 16];
    while let Ok(read @ 1..) = from.read(&mut buffer).await {
        if buffer[..read].windows(6).any(|word| word == b"COMMIT") {
            std::future::pending::<()>().await;
        }
        if to.write_all(&buffer[..read]).await.is_err() {
            break;
        }
    }
}

async fn back(
    mut from: impl tokio::io::AsyncRead + Unpin,
    mut to: impl tokio::io::AsyncWrite + Unpin,
) {
    tokio::io::copy(&mut from, &mut to).await.ok();
}
