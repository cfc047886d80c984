//! Copying a file to a database.

use crate::records::{create, group, pool, pool_id, sub_of, user};
use crate::schema::TestSchema;
use poolkeeper_pool::change::Change;
use poolkeeper_pool::ports::Store as _;
use poolkeeper_store::{
    Copied, CopyError, CopyProgress, CopyStep, PostgresSettings, PostgresStore, SqliteStore, copy,
};
use rusqlite::config::DbConfig;
use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};
use std::collections::BTreeMap;
use std::future::poll_fn;
use std::io;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;
use tempfile::TempDir;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::Type;

/// Rows of each table of a [`File`].
const ROWS: i64 = 8;
/// None of the numbers of rows is a multiple of it.
const BATCH: usize = 3;
const UNFINISHED: &str = "the database is unavailable: a copy to it is under way, or was not \
    finished: run `poolkeeper copy` again";

/// A file with rows in every table.
struct File {
    _folder: TempDir,
    path: PathBuf,
}

impl File {
    /// A file whose tables are empty.
    fn empty() -> Self {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("pool.db");
        drop(SqliteStore::open(&path).unwrap());
        Self { _folder: folder, path }
    }

    /// Whatever the columns mean, what they can hold comes in them; so nothing is counted.
    fn full() -> Self {
        let file = Self::empty();
        let connection = file.connection();
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false).unwrap();
        for table in tables(&connection) {
            let columns = columns(&connection, &table);
            for number in 0..ROWS {
                let cells = columns.iter().map(|(kind, not_null)| odd(kind, *not_null, number));
                let places = vec!["?"; columns.len()].join(", ");
                let sql = format!("INSERT INTO {table} VALUES ({places})");
                connection.execute(&sql, params_from_iter(cells)).unwrap();
            }
        }
        file
    }

    fn connection(&self) -> Connection {
        Connection::open(&self.path).unwrap()
    }

    /// All rows of all tables, in any order.
    fn rows(&self) -> BTreeMap<String, Vec<String>> {
        let connection = self.connection();
        let rows = |table: String| {
            let width = columns(&connection, &table).len();
            let mut statement = connection.prepare(&format!("SELECT * FROM {table}")).unwrap();
            let row = |row: &rusqlite::Row<'_>| {
                let cells =
                    (0..width).map(|index| format!("{:?}", row.get_unwrap::<_, Value>(index)));
                Ok(cells.collect::<Vec<_>>().join(" "))
            };
            let rows = statement.query_map([], row).unwrap();
            let mut rows: Vec<_> = rows.collect::<Result<_, _>>().unwrap();
            rows.sort();
            (table, rows)
        };
        tables(&connection).into_iter().map(rows).collect()
    }
}

fn tables(connection: &Connection) -> Vec<String> {
    let sql = "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name";
    let mut statement = connection.prepare(sql).unwrap();
    let names = statement.query_map([], |row| row.get(0)).unwrap();
    names.collect::<Result<_, _>>().unwrap()
}

/// Type, and whether it must not be null.
fn columns(connection: &Connection, table: &str) -> Vec<(String, bool)> {
    let sql = "SELECT type, \"notnull\" FROM pragma_table_info($1) ORDER BY cid";
    let mut statement = connection.prepare(sql).unwrap();
    let columns = statement.query_map([table], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    columns.collect::<Result<_, _>>().unwrap()
}

/// Texts in an order that people, UTF-16 and escapes of U+0000 would not give them; each once.
fn odd(kind: &str, not_null: bool, number: i64) -> Value {
    let texts = ["", "\0", "\0\u{1}", "\u{1}", "Z", "a'\\\"{}", "\u{ffff}", "\u{1f600}"];
    let numbers = [0, 1, -1, i64::MAX, i64::MIN, 1 << 53, (1 << 53) + 1, -(1 << 31)];
    let blobs: [&[u8]; 8] = [b"", b"\0", b"\0\0", b"\xff", b"\\x00", b"text", b"\x80", b"'"];
    let index = usize::try_from(number).unwrap();
    match kind {
        _ if !not_null && number % 2 == 0 => Value::Null,
        "INTEGER" => Value::Integer(numbers[index]),
        "TEXT" => Value::Text(texts[index].to_owned()),
        "BLOB" => Value::Blob(blobs[index].to_vec()),
        other => panic!("{other}"),
    }
}

/// What a database holds, said as [`File::rows`] does.
async fn rows(schema: &TestSchema) -> BTreeMap<String, Vec<String>> {
    let client = schema.client().await;
    let sql = "SELECT table_name::text FROM information_schema.tables \
        WHERE table_schema = current_schema() AND table_name NOT IN ('schema_version', 'copied_tables')";
    let mut all = BTreeMap::new();
    for name in client.query(sql, &[]).await.unwrap() {
        let table: String = name.get(0);
        let found = client.query(&format!("SELECT * FROM {table}"), &[]).await.unwrap();
        let cell = |row: &tokio_postgres::Row, index: usize| match *row.columns()[index].type_() {
            Type::INT8 => row.get::<_, Option<i64>>(index).map(Value::Integer),
            Type::TEXT => row.get::<_, Option<String>>(index).map(|text| {
                let text = text.replace("\u{1}\u{1}", "\0").replace("\u{1}\u{2}", "\u{1}");
                Value::Text(text)
            }),
            _ => row.get::<_, Option<Vec<u8>>>(index).map(Value::Blob),
        };
        let row = |row: &tokio_postgres::Row| {
            let cells = (0..row.len()).map(|index| cell(row, index).unwrap_or(Value::Null));
            cells.map(|cell| format!("{cell:?}")).collect::<Vec<_>>().join(" ")
        };
        let mut rows: Vec<_> = found.iter().map(row).collect();
        rows.sort();
        all.insert(table, rows);
    }
    all
}

async fn run(from: &Path, schema: &TestSchema) -> Result<Copied, CopyError> {
    copy(from, &schema.settings(), BATCH, &mut |_| Ok(())).await
}

async fn refusal(from: &Path, schema: &TestSchema) -> String {
    let error = run(from, schema).await.unwrap_err().to_string();
    error.replace(from.to_str().unwrap(), "FILE")
}

/// Copies until the first comparison.
async fn run_without_comparing(from: &Path, schema: &TestSchema) {
    let mut stop = |progress: CopyProgress<'_>| match progress.step {
        CopyStep::Read | CopyStep::Copy => Ok(()),
        CopyStep::Compare => Err(io::Error::other("stopped")),
    };
    let stopped = copy(from, &schema.settings(), BATCH, &mut stop).await.unwrap_err();
    assert_eq!(stopped.to_string(), "cannot report the progress: stopped");
}

async fn is_opened(schema: &TestSchema) -> Result<(), String> {
    let opened = schema.try_open_with(&schema.settings()).await;
    opened.map(drop).map_err(|error| error.to_string())
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs POOLKEEPER_TEST_DATABASE"]
async fn every_value_of_every_table_arrives() {
    let (file, schema) = (File::full(), TestSchema::empty().await);
    let mut told = Vec::new();
    let mut report = |progress: CopyProgress<'_>| {
        let CopyProgress { step, table, rows, of } = progress;
        told.push((step, table.to_owned(), rows, of));
        Ok(())
    };
    let copied = copy(&file.path, &schema.settings(), BATCH, &mut report).await.unwrap();
    let tables = file.rows().len();
    let done = Copied { tables, rows: u64::try_from(tables).unwrap() * 8, before: false };
    assert_eq!(copied, done);
    assert_eq!(rows(&schema).await, file.rows());
    let of_users = told.iter().filter(|(_, table, ..)| table == "users");
    let of_users: Vec<_> = of_users.map(|(step, _, rows, of)| (*step, *rows, *of)).collect();
    let steps = [CopyStep::Read, CopyStep::Copy, CopyStep::Compare];
    let expected = steps.iter().flat_map(|step| [3, 6, 8].map(|rows| (*step, rows, 8)));
    assert_eq!(of_users, expected.collect::<Vec<_>>());
    assert_eq!(is_opened(&schema).await, Ok(()));
    assert_eq!(run(&file.path, &schema).await.unwrap(), Copied { before: true, ..done });
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs POOLKEEPER_TEST_DATABASE"]
async fn what_was_counted_is_not_counted_again() {
    let (file, schema) = (File::empty(), TestSchema::empty().await);
    let source = SqliteStore::open(&file.path).unwrap();
    let record = pool(pool_id());
    let members = ["ada", "eve"];
    let changes =
        [Change::CreatePool(Box::new(record.clone())), Change::CreateGroup(group("g", None))];
    let join =
        |name: &&str| Change::AddToGroup { pool: pool_id(), sub: sub_of(name), group: "g".into() };
    let created = members.iter().map(|name| create(&user(name)));
    let changes = changes.into_iter().chain(created).chain(members.iter().map(join));
    source.commit(changes.collect()).await.unwrap();
    drop(source);
    run(&file.path, &schema).await.unwrap();
    let store = schema.open().await;
    store.commit(vec![create(&user("zoe"))]).await.unwrap();
    assert_eq!(store.counted_pool(&pool_id()).await.unwrap(), Some((record, 3)));
    let slice = store.member_slice(&pool_id(), &"g".into(), 0, 0).await.unwrap().unwrap();
    assert_eq!(slice.members, Some((2, Vec::new())));
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs POOLKEEPER_TEST_DATABASE"]
async fn a_file_without_records_is_copied_too() {
    let (file, schema) = (File::empty(), TestSchema::migrated().await);
    let copied = run(&file.path, &schema).await.unwrap();
    assert_eq!(copied, Copied { tables: file.rows().len(), rows: 0, before: false });
    assert_eq!(is_opened(&schema).await, Ok(()));
}

/// So moving can be tried while the server runs.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs POOLKEEPER_TEST_DATABASE"]
async fn a_backup_of_a_file_in_use_is_copied() {
    let (file, schema) = (File::full(), TestSchema::empty().await);
    let _store = SqliteStore::open(&file.path).unwrap();
    let backup = file.path.with_file_name("backup.db");
    SqliteStore::back_up(&file.path, &backup).unwrap();
    run(&backup, &schema).await.unwrap();
    assert_eq!(rows(&schema).await, file.rows());
}

/// It is dropped wherever it waits, each time a little later than before. What it has asked of the
/// database may still be done then.
#[tokio::test]
#[ignore = "needs POOLKEEPER_TEST_DATABASE"]
async fn what_was_broken_off_anywhere_is_gone_on_with() {
    let (file, schema) = (File::full(), TestSchema::migrated().await);
    let settings = schema.settings();
    let (mut broken_off, mut refused) = (0, 0);
    for waits in (0..).step_by(40) {
        let mut report = |_: CopyProgress<'_>| Ok(());
        let mut copying = pin!(copy(&file.path, &settings, BATCH, &mut report));
        let mut left = waits;
        let ended = poll_fn(|context| match copying.as_mut().poll(context) {
            Poll::Ready(ended) => Poll::Ready(Some(ended)),
            Poll::Pending if left == 0 => Poll::Ready(None),
            Poll::Pending => {
                left -= 1;
                Poll::Pending
            }
        });
        if let Some(ended) = ended.await {
            ended.unwrap();
            break;
        }
        broken_off += 1;
        match is_opened(&schema).await {
            // Nothing has arrived yet.
            Ok(()) => assert_eq!(refused, 0),
            Err(problem) => {
                assert_eq!(problem, UNFINISHED);
                refused += 1;
            }
        }
    }
    assert!(broken_off > 5 && refused > 3, "{broken_off} {refused}");
    assert_eq!(rows(&schema).await, file.rows());
    assert_eq!(is_opened(&schema).await, Ok(()));
}

/// Each time after one batch more, so that it is gone on with from every place.
#[tokio::test]
#[ignore = "needs POOLKEEPER_TEST_DATABASE"]
async fn each_batch_is_sent_once() {
    let (file, schema) = (File::full(), TestSchema::migrated().await);
    let mut sent = Vec::new();
    loop {
        let mut batches = 0;
        let mut stop = |progress: CopyProgress<'_>| {
            if progress.step == CopyStep::Copy {
                sent.push((progress.table.to_owned(), progress.rows));
                batches += 1;
            }
            if batches == 2 { Err(io::Error::other("stopped")) } else { Ok(()) }
        };
        match copy(&file.path, &schema.settings(), BATCH, &mut stop).await {
            Ok(_) => break,
            Err(error) => assert_eq!(error.to_string(), "cannot report the progress: stopped"),
        }
    }
    let batches = |table: &String| [3, 6, 8].map(|rows| (table.clone(), rows));
    assert_eq!(sent, file.rows().keys().flat_map(batches).collect::<Vec<_>>());
    assert_eq!(rows(&schema).await, file.rows());
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs POOLKEEPER_TEST_DATABASE"]
async fn sources_that_cannot_be_copied_are_refused() {
    let schema = TestSchema::empty().await;
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("x");
    assert_eq!(refusal(&path, &schema).await, "the source FILE: there is no such file");
    let none = "the source FILE: it is not a database of Poolkeeper";
    for content in ["", "pools, users and\n", &"no database ".repeat(100)] {
        std::fs::write(&path, content).unwrap();
        assert_eq!(refusal(&path, &schema).await, none, "{content:?}");
    }
    let file = File::full();
    let change = |sql: &str| file.connection().execute_batch(sql).unwrap();
    let newest: i64 =
        file.connection().query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap();
    change("PRAGMA user_version = 1");
    let older = format!(
        "the source FILE: its schema has version 1, and this release needs {newest}: run `poolkeeper \
         migrate` with the configuration whose data it is"
    );
    assert_eq!(refusal(&file.path, &schema).await, older);
    change("PRAGMA user_version = 1000");
    let newer = format!(
        "the source FILE: its schema has version 1000, made by a newer release; this one knows \
         versions up to {newest}"
    );
    assert_eq!(refusal(&file.path, &schema).await, newer);
    change(&format!("PRAGMA user_version = {newest}; CREATE TABLE others (name TEXT PRIMARY KEY)"));
    assert_eq!(refusal(&file.path, &schema).await, none);
    // None of them has touched the destination.
    assert_eq!(rows(&schema).await, BTreeMap::new());
    change("DROP TABLE others");
    run(&file.path, &schema).await.unwrap();
}

/// Whoever has the file open goes on; whoever wants it meanwhile does not get it.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs POOLKEEPER_TEST_DATABASE"]
async fn the_source_is_held_alone() {
    let (file, schema) = (File::full(), TestSchema::migrated().await);
    let store = SqliteStore::open(&file.path).unwrap();
    let in_use = "the source FILE is in use: stop the server, and use no command on it until the \
        copy is done";
    assert_eq!(refusal(&file.path, &schema).await, in_use);
    store.commit(vec![create(&user("ada"))]).await.unwrap();
    drop(store);
    // One that only reads would miss nothing, but could be a server's.
    let reader = file.connection();
    reader.query_row("SELECT COUNT(*) FROM users", [], |_| Ok(())).unwrap();
    assert_eq!(refusal(&file.path, &schema).await, in_use);
    drop(reader);
    let mut tried = 0;
    let mut look = |_: CopyProgress<'_>| {
        let other = file.connection();
        other.busy_timeout(Duration::ZERO).unwrap();
        for sql in ["SELECT * FROM users", "DELETE FROM users", "PRAGMA journal_mode = DELETE"] {
            let outcome =
                other.prepare(sql).and_then(|mut statement| statement.query([])?.next().map(drop));
            assert_eq!(outcome.unwrap_err().to_string(), "database is locked", "{sql}");
            tried += 1;
        }
        Ok(())
    };
    copy(&file.path, &schema.settings(), BATCH, &mut look).await.unwrap();
    assert!(tried > 0);
    assert_eq!(rows(&schema).await, file.rows());
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs POOLKEEPER_TEST_DATABASE"]
async fn destinations_of_another_schema_are_refused() {
    let (file, schema) = (File::full(), TestSchema::migrated().await);
    let newest = PostgresStore::migrate(&schema.settings()).await.unwrap().to;
    let start =
        "the destination cannot be used: the database is unavailable: its schema has version";
    schema.run("INSERT INTO schema_version VALUES (1000, 1)").await;
    let newer =
        format!("{start} 1000, made by a newer release; this one copies to version {newest}");
    assert_eq!(refusal(&file.path, &schema).await, newer);
    schema.run("DELETE FROM schema_version WHERE version > 1").await;
    let older = format!("{start} 1, and this release needs {newest}: run `poolkeeper migrate`");
    assert_eq!(refusal(&file.path, &schema).await, older);
}

/// And stay as they are.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs POOLKEEPER_TEST_DATABASE"]
async fn destinations_with_other_records_are_refused() {
    let (file, schema) = (File::full(), TestSchema::migrated().await);
    schema.open().await.commit(vec![create(&user("ada"))]).await.unwrap();
    let before = rows(&schema).await;
    assert_eq!(
        refusal(&file.path, &schema).await,
        "the destination holds records that are not from this copy (table user_counts): copy to an empty \
         database"
    );
    assert_eq!(rows(&schema).await, before);
    assert_eq!(is_opened(&schema).await, Ok(()));
}

/// Neither half-way nor at the end.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs POOLKEEPER_TEST_DATABASE"]
async fn a_copy_is_not_gone_on_with_from_another_source() {
    let (file, schema) = (File::full(), TestSchema::migrated().await);
    let other = "the destination holds a copy of other records (table lockouts): the source has \
        changed since that copy began, or is a different database. Copy to an empty database";
    run_without_comparing(&file.path, &schema).await;
    let count = |failures: &str| {
        let sql = format!("UPDATE lockouts SET failures = failures {failures} WHERE failures = 1");
        let counted = file.connection().execute(&sql, []).unwrap();
        assert!(counted <= 1);
    };
    count("+ 1");
    assert_eq!(refusal(&file.path, &schema).await, other);
    assert_eq!(is_opened(&schema).await, Err(UNFINISHED.to_owned()));
    file.connection().execute("UPDATE lockouts SET failures = 1 WHERE failures = 2", []).unwrap();
    run(&file.path, &schema).await.unwrap();
    count("+ 1");
    assert_eq!(refusal(&file.path, &schema).await, other);
    assert_eq!(is_opened(&schema).await, Ok(()));
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs POOLKEEPER_TEST_DATABASE"]
async fn what_arrived_otherwise_is_found() {
    let file = File::full();
    let changes = [
        ("UPDATE spent SET expires_at = 5 WHERE expires_at = 0", "spent", 8),
        ("DELETE FROM outbox WHERE attempts = 1", "outbox", 7),
        ("INSERT INTO turns VALUES ('b', 0, 0)", "turns", 9),
        ("UPDATE users SET password = NULL WHERE password = '\\x00'", "users", 8),
    ];
    for (change, table, rows) in changes {
        let schema = TestSchema::migrated().await;
        run_without_comparing(&file.path, &schema).await;
        schema.run(change).await;
        let differs = format!(
            "table {table} differs: 8 rows in the source, {rows} in the destination, with \
             different contents. Servers refuse to start on the destination: copy to an empty \
             database"
        );
        for _ in 0..2 {
            assert_eq!(refusal(&file.path, &schema).await, differs);
            assert_eq!(is_opened(&schema).await, Err(UNFINISHED.to_owned()));
        }
    }
}

/// A node that was open before has not noticed that its database is copied to.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs POOLKEEPER_TEST_DATABASE"]
async fn nobody_writes_while_it_is_compared() {
    let (file, schema) = (File::full(), TestSchema::migrated().await);
    let store = schema.open().await;
    run_without_comparing(&file.path, &schema).await;
    let runtime = tokio::runtime::Handle::current();
    let mut refused = None;
    let mut write = |progress: CopyProgress<'_>| {
        if progress.step == CopyStep::Compare {
            let writing = async {
                let client = schema.client().await;
                client.batch_execute("SET lock_timeout = 50").await.unwrap();
                client.batch_execute("DELETE FROM users").await.unwrap_err().code().cloned()
            };
            refused
                .get_or_insert_with(|| tokio::task::block_in_place(|| runtime.block_on(writing)));
        }
        Ok(())
    };
    copy(&file.path, &schema.settings(), BATCH, &mut write).await.unwrap();
    assert_eq!(refused, Some(Some(SqlState::LOCK_NOT_AVAILABLE)));
    assert_eq!(rows(&schema).await, file.rows());
    store.commit(vec![create(&user("ada"))]).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs POOLKEEPER_TEST_DATABASE"]
async fn of_two_copies_one_is_made() {
    let (file, other, schema) = (File::full(), File::full(), TestSchema::migrated().await);
    let hurried = PostgresSettings { connect_timeout: Duration::from_secs(3), ..schema.settings() };
    let runtime = tokio::runtime::Handle::current();
    let mut refused = None;
    let mut second = |_: CopyProgress<'_>| {
        refused.get_or_insert_with(|| {
            let mut report = |_: CopyProgress<'_>| Ok(());
            let second = copy(&other.path, &hurried, BATCH, &mut report);
            let second = tokio::task::block_in_place(|| runtime.block_on(second));
            second.unwrap_err().to_string()
        });
        Ok(())
    };
    copy(&file.path, &schema.settings(), BATCH, &mut second).await.unwrap();
    assert_eq!(refused.unwrap(), "another copy to this destination is under way");
    assert_eq!(rows(&schema).await, file.rows());
}
