//! Which servers are used, and how the way to them is protected.

use crate::records::{create, pool_id, sub_of, user};
use crate::schema::TestSchema;
use poolkeeper_pool::ports::Store as _;
use poolkeeper_store::{PostgresAddress, PostgresSettings};
use std::env;
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;
use tokio::net::{TcpListener, TcpSocket};

/// The settings for the way through TLS. In the environment the password is part of the address; a
/// configuration keeps it elsewhere.
fn protected(schema: &TestSchema) -> PostgresSettings {
    let address = env::var("POOLKEEPER_TEST_DATABASE_TLS").unwrap();
    let (scheme, rest) = address.split_once("://").unwrap();
    let (credentials, place) = rest.split_once('@').unwrap();
    let (user, password) = credentials.split_once(':').unwrap();
    let address = schema.on(&format!("{scheme}://{user}@{place}"));
    PostgresSettings {
        address: PostgresAddress::parse(&address).unwrap(),
        password: Some(password.into()),
        ..schema.settings()
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs POOLKEEPER_TEST_DATABASE_TLS"]
async fn it_is_reached_through_tls_with_a_password() {
    let schema = TestSchema::migrated().await;
    let store = schema.open_with(&protected(&schema)).await;
    store.commit(vec![create(&user("ada"))]).await.unwrap();
    assert!(store.user(&pool_id(), &sub_of("ada")).await.unwrap().is_some());
    assert_eq!(schema.count("pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE ssl").await, 2);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs POOLKEEPER_TEST_DATABASE_TLS"]
async fn a_server_that_cannot_prove_its_name_is_not_spoken_to() {
    let schema = TestSchema::migrated().await;
    let right = protected(&schema);
    let with = |from: &str, to: &str| {
        let address = env::var("POOLKEEPER_TEST_DATABASE_TLS").unwrap().replace(from, to);
        PostgresSettings { address: PostgresAddress::parse(&address).unwrap(), ..right.clone() }
    };
    // The certificate is for localhost, and no root of the system has signed it.
    for settings in [with("@localhost", "@127.0.0.1"), with("sslrootcert=", "application_name=")] {
        let error = schema.try_open_with(&settings).await.err().unwrap().to_string();
        assert!(error.contains("invalid peer certificate"), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs POOLKEEPER_TEST_DATABASE_TLS"]
async fn a_wrong_password_is_not_shown() {
    let schema = TestSchema::migrated().await;
    let settings = PostgresSettings { password: Some("hush".into()), ..protected(&schema) };
    let error = schema.try_open_with(&settings).await.err().unwrap().to_string();
    assert!(error.contains("password authentication failed"), "{error}");
    assert!(!error.contains("hush"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs POOLKEEPER_TEST_DATABASE"]
async fn a_server_that_may_lose_commits_is_refused() {
    let schema = TestSchema::migrated().await;
    let address = format!("{}%20-csynchronous_commit%3Doff", schema.address());
    let address = PostgresAddress::parse(&address).unwrap();
    let settings = PostgresSettings { address, ..schema.settings() };
    let error = schema.try_open_with(&settings).await.err().unwrap().to_string();
    assert!(error.contains("its setting synchronous_commit is \"off\"; it must not be"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs POOLKEEPER_TEST_DATABASE"]
async fn a_server_that_takes_no_writes_is_refused() {
    let schema = TestSchema::migrated().await;
    let address = format!("{}%20-cdefault_transaction_read_only%3Don", schema.address());
    let address = PostgresAddress::parse(&address).unwrap();
    let settings = PostgresSettings { address, ..schema.settings() };
    let error = schema.try_open_with(&settings).await.err().unwrap().to_string();
    assert!(error.contains("does not allow writes"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs POOLKEEPER_TEST_DATABASE"]
async fn a_server_that_has_gone_silent_leaves_time_for_the_next() {
    let schema = TestSchema::migrated().await;
    let (silent, _kept) = silent_server();
    let address = schema.address().replace('@', &format!("@{},", silent.local_addr().unwrap()));
    let address = PostgresAddress::parse(&address).unwrap();
    let connect_timeout = Duration::from_secs(2);
    let settings = PostgresSettings { address, connect_timeout, ..schema.settings() };
    let store = schema.open_with(&settings).await;
    store.commit(vec![create(&user("ada"))]).await.unwrap();
    assert!(store.user(&pool_id(), &sub_of("ada")).await.unwrap().is_some());
}

/// Takes no connection and refuses none: its queue is full.
fn silent_server() -> (TcpListener, Vec<TcpStream>) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
    let silent = socket.listen(0).unwrap();
    let address = silent.local_addr().unwrap();
    let queued = || TcpStream::connect_timeout(&address, Duration::from_millis(200)).ok();
    let kept = std::iter::from_fn(queued).collect();
    (silent, kept)
}
