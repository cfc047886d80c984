//! The schemas of the two engines are the same: `migrations/README.md` says how they stay so.

use crate::copy::table::Column;
use crate::schema::TestSchema;
use crate::sql::{self, ASYNC_COMMIT, every_statement};
use crate::{postgres, sqlite};
use rusqlite::Connection;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use tokio_postgres::Client;
use tokio_postgres::types::{ToSql, Type};

/// Behind this line of a migration stands what only one of the databases understands.
const OWN: &str = "-- In the words of this database alone:";

/// What SQLite knows about each table: its columns and what its indexes are made of.
fn tables(migrations: &[String]) -> BTreeMap<String, (Vec<String>, Vec<String>)> {
    let connection = Connection::open_in_memory().unwrap();
    for migration in migrations {
        connection.execute_batch(migration).unwrap();
    }
    let texts = |sql: &str, name: &str| -> Vec<String> {
        let mut statement = connection.prepare(sql).unwrap();
        let rows = statement.query_map([name], |row| row.get(0)).unwrap();
        rows.collect::<Result<_, _>>().unwrap()
    };
    let describe = |name: String| {
        let columns = texts(
            "SELECT format('%s %s, not null: %d, default: %s, key: %d', name, type, \"notnull\", \
             dflt_value, pk) FROM pragma_table_info($1) ORDER BY cid",
            &name,
        );
        // The name of an index that a constraint made differs where the table is its key.
        let indexes = texts(
            "SELECT format('unique: %d, partial: %d, %s', i.\"unique\", i.partial, \
             (SELECT group_concat(name) FROM pragma_index_info(i.name))) \
             FROM pragma_index_list($1) i WHERE i.origin <> 'pk' ORDER BY 1",
            &name,
        );
        (name, (columns, indexes))
    };
    let names = texts("SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> $1", "");
    names.into_iter().map(describe).collect()
}

#[test]
fn both_engines_have_the_same_tables_columns_keys_and_indexes() {
    let ours = sqlite::migrations::MIGRATIONS.iter().map(|sql| (*sql).to_owned());
    let ours = tables(&ours.collect::<Vec<_>>());
    // PostgreSQL's texts are SQL that SQLite reads but for the names of types.
    let theirs = postgres::migrations::MIGRATIONS.iter().map(|migration| {
        let shared = migration.sql.split(OWN).next().unwrap_or_default();
        let sql = shared.replace("BIGINT", "INTEGER").replace("BYTEA", "BLOB");
        sql.replace(" COLLATE \"C\"", "")
    });
    let theirs = tables(&theirs.collect::<Vec<_>>());
    assert_eq!(ours.keys().collect::<Vec<_>>(), theirs.keys().collect::<Vec<_>>());
    for (name, table) in ours {
        assert_eq!(theirs.get(&name), Some(&table), "{name}: see migrations/README.md");
    }
}

#[test]
fn every_migration_has_its_twin_and_is_entered() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
    let files = |engine: &str| {
        let files = fs::read_dir(folder.join(engine)).unwrap();
        let mut files: Vec<_> = files.map(|file| file.unwrap().file_name()).collect();
        files.sort();
        files
    };
    assert_eq!(files("sqlite"), files("postgres"), "see migrations/README.md");
    assert_eq!(files("sqlite").len(), sqlite::migrations::MIGRATIONS.len());
    assert_eq!(files("postgres").len(), postgres::migrations::MIGRATIONS.len());
}

/// All tables are copied, whatever a migration adds. A copy sets no counters: there must be none, which
/// would be relations here, too.
#[tokio::test]
#[ignore = "needs POOLKEEPER_TEST_DATABASE"]
async fn what_is_copied_is_all_there_is_in_both_engines() {
    let schema = TestSchema::migrated().await;
    let client = schema.client().await;
    let found = client
        .query(
            "SELECT c.relname::text, a.attname::text, format_type(a.atttypid, NULL) \
             FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid \
             WHERE c.relnamespace = current_schema()::regnamespace AND c.relname <> 'schema_version' \
             AND c.relkind NOT IN ('i', 'I') AND a.attnum > 0 AND NOT a.attisdropped \
             ORDER BY c.relname COLLATE \"C\", a.attnum",
            &[],
        )
        .await
        .unwrap();
    let found: Vec<[String; 3]> =
        found.iter().map(|row| [row.get(0), row.get(1), row.get(2)]).collect();
    let tables = sqlite::copying::tables_of_this_release().unwrap();
    let copied = tables.iter().flat_map(|table| {
        let column = |column: &Column| {
            [table.name.clone(), column.name.clone(), column.kind_in_postgres().to_owned()]
        };
        table.columns.iter().map(column).collect::<Vec<_>>()
    });
    assert_eq!(copied.collect::<Vec<_>>(), found);
    for table in tables {
        assert!(!table.key.is_empty(), "{} has no key to go on from", table.name);
    }
    let counters =
        sqlite::migrations::MIGRATIONS.iter().filter(|sql| sql.contains("AUTOINCREMENT"));
    assert_eq!(counters.count(), 0);
}

/// A rotation of the master key would miss a new kind of sealed value. Whoever adds one names it in
/// `pool::resealing`, too; those in JSON are in the settings of app clients and in users' factors.
#[test]
fn every_sealed_column_is_sealed_anew() {
    let tables = sqlite::copying::tables_of_this_release().unwrap();
    let blobs = tables.iter().flat_map(|table| {
        let blobs = table.columns.iter().filter(|column| column.kind == "BLOB");
        blobs.map(|column| format!("{}.{}", table.name, column.name))
    });
    assert_eq!(
        blobs.collect::<Vec<_>>(),
        [
            "access_keys.secret",
            "devices.verifier",
            "kept_sessions.session",
            // Sealed under the key that it tells of, and so never anew.
            "master_keys.digest_key",
            "outbox.content",
            "signing_keys.private_key",
            "users.password",
        ]
    );
}

/// Without it, PostgreSQL sorts texts as people of some language would.
#[test]
fn every_text_of_postgres_is_sorted_by_code_point() {
    for migration in postgres::migrations::MIGRATIONS {
        let columns = migration.sql.lines().filter(|line| !line.starts_with("--"));
        for column in columns.filter(|line| line.contains("TEXT")) {
            assert!(column.contains(" TEXT COLLATE \"C\""), "{column}");
        }
    }
}

#[tokio::test]
#[ignore = "needs POOLKEEPER_TEST_DATABASE"]
async fn postgres_reads_every_statement() {
    let schema = TestSchema::migrated().await;
    let client = schema.client().await;
    let own = sql::of_postgres().map(|(_, own)| own);
    // Some texts are in words that PostgreSQL does not read.
    let shared = every_statement().into_iter().map(|(_, sql)| sql);
    let read = shared.filter(|sql| sql::of_postgres().all(|(shared, _)| shared != *sql));
    for sql in read.chain(own) {
        let prepared = client.prepare(sql).await;
        let prepared = prepared.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
        let columns = prepared.columns().iter().map(tokio_postgres::Column::type_);
        // What is merely found has a type that nobody reads.
        let columns = columns.filter(|_| !sql.starts_with("SELECT 1 "));
        for kind in prepared.params().iter().chain(columns) {
            let kinds = [Type::INT8, Type::TEXT, Type::BYTEA, Type::TEXT_ARRAY];
            assert!(kinds.contains(kind), "{kind}: {sql}");
        }
    }
}

/// And of its session, only the transaction commits asynchronously.
#[tokio::test]
#[ignore = "needs POOLKEEPER_TEST_DATABASE"]
async fn counters_do_not_wait_for_the_disk() {
    let schema = TestSchema::migrated().await;
    let client = schema.client().await;
    for (_, sql) in ASYNC_COMMIT {
        client.batch_execute("BEGIN").await.unwrap();
        let (key, one): (&(dyn ToSql + Sync), &(dyn ToSql + Sync)) = (&"key", &1_i64);
        let prepared = client.prepare(sql).await.unwrap();
        let of = |kind: &Type| if *kind == Type::TEXT { key } else { one };
        let parameters: Vec<_> = prepared.params().iter().map(of).collect();
        assert_eq!(client.execute(sql, &parameters).await.unwrap(), 1);
        assert_eq!(synchronous_commit(&client).await, "off");
        client.batch_execute("COMMIT").await.unwrap();
        assert_eq!(synchronous_commit(&client).await, "on");
    }
}

async fn synchronous_commit(client: &Client) -> String {
    client.query_one("SHOW synchronous_commit", &[]).await.unwrap().get(0)
}
