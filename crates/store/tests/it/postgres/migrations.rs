//! Bringing the schema up to date.

use crate::records::{create, user};
use crate::schema::TestSchema;
use poolkeeper_pool::ports::Store as _;
use poolkeeper_store::{Migrated, PostgresStore};
use std::fs;
use std::path::Path;

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs POOLKEEPER_TEST_DATABASE"]
async fn of_many_who_migrate_one_does_it() {
    let schema = TestSchema::empty().await;
    let settings = schema.settings();
    let migrate = || PostgresStore::migrate(&settings);
    let (a, b, c) = tokio::join!(migrate(), migrate(), migrate());
    let mut done = [a, b, c].map(|migrated| migrated.unwrap().from);
    done.sort_unstable();
    let newest = migrate().await.unwrap().to;
    assert_eq!(done, [0, newest, newest]);
    let store = schema.open().await;
    store.commit(vec![create(&user("ada"))]).await.unwrap();
    assert_eq!(migrate().await.unwrap(), Migrated { from: newest, to: newest });
}

/// Nodes of the release before go on for a while, and what they write is counted.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs POOLKEEPER_TEST_DATABASE"]
async fn users_from_before_are_counted_and_those_of_old_nodes() {
    let schema = TestSchema::empty().await;
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations/postgres");
    let mut files: Vec<_> =
        fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    for file in &files[..11] {
        schema.run(&fs::read_to_string(file).unwrap()).await;
    }
    schema
        .run(
            "CREATE TABLE schema_version (version BIGINT PRIMARY KEY, needs BIGINT NOT NULL);
             INSERT INTO schema_version VALUES (11, 1)",
        )
        .await;
    let add = async |sub: &str| {
        let columns = "pool_id, sub, username, username_key, user_status, status, kind, \
            password_set_at, attributes, mfa, created_at, modified_at, version";
        let user = format!(
            "INSERT INTO users ({columns}) VALUES ('p', '{sub}', '{sub}', '{sub}', 'CONFIRMED', \
             'Enabled', 'person', 0, '{{}}', '{{}}', 0, 0, 1);
             INSERT INTO memberships VALUES ('p', '{sub}', 'g')"
        );
        schema.run(&user).await;
    };
    add("aa1").await;
    add("ab2").await;
    PostgresStore::migrate(&schema.settings()).await.unwrap();
    add("aa3").await;
    schema.run("DELETE FROM memberships WHERE sub = 'ab2'").await;
    let client = schema.client().await;
    let counts = "SELECT (SELECT string_agg(part || users, ' ' ORDER BY part) FROM user_counts), \
        (SELECT string_agg(part || members, ' ' ORDER BY part) FROM member_counts)";
    let row = client.query_one(counts, &[]).await.unwrap();
    assert_eq!((row.get::<_, &str>(0), row.get::<_, &str>(1)), ("aa2 ab1", "aa2 ab0"));
}

async fn refusal(schema: &TestSchema) -> String {
    schema.try_open_with(&schema.settings()).await.err().unwrap().to_string()
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs POOLKEEPER_TEST_DATABASE"]
async fn an_older_schema_is_refused_with_what_helps() {
    let schema = TestSchema::empty().await;
    let old = "its schema has version 0, and this release needs ";
    let error = refusal(&schema).await;
    assert!(error.contains(old) && error.ends_with("run `poolkeeper migrate`"), "{error}");
    PostgresStore::migrate(&schema.settings()).await.unwrap();
    schema.open().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs POOLKEEPER_TEST_DATABASE"]
async fn a_newer_schema_will_do_as_long_as_it_says_so() {
    let schema = TestSchema::migrated().await;
    schema.run("INSERT INTO schema_version VALUES (1000, 1)").await;
    schema.open().await;
    let migrated = PostgresStore::migrate(&schema.settings()).await.unwrap();
    assert_eq!(migrated, Migrated { from: 1000, to: 1000 });
    schema.run("UPDATE schema_version SET needs = 1000 WHERE version = 1000").await;
    let newer = "its schema has version 1000, made by a newer release, and needs a program that \
                 knows version 1000; this one knows versions up to ";
    assert!(refusal(&schema).await.contains(newer));
    let error = PostgresStore::migrate(&schema.settings()).await.unwrap_err().to_string();
    assert!(error.contains(newer), "{error}");
}
