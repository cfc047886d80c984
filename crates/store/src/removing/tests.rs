//! What is left of a pool, in every table that there is.

use crate::copy::table::Table;
use crate::plans::records::{POOL, rows};
use crate::schema::TestSchema;
use crate::sql::removal::PORTION;
use crate::sqlite::SqliteStore;
use crate::sqlite::copying::tables_of_this_release;
use poolkeeper_pool::change::Change;
use poolkeeper_pool::ids::PoolId;
use poolkeeper_pool::ports::Store;
use poolkeeper_pool::time::Timestamp;
use rusqlite::Connection;
use std::collections::BTreeMap;
use tempfile::TempDir;

const OTHER: &str = "us-east-1_Plans0002";
const NOW: Timestamp = Timestamp::from_millis(0);
/// Rows of each table: two portions, and a third that is not full.
const ROWS: u32 = 1_200;

/// All tables of a pool's records. Triggers fill those of counts.
fn tables() -> Vec<Table> {
    let of_a_pool = |table: &Table| table.columns.iter().any(|column| column.name == "pool_id");
    let tables = tables_of_this_release().unwrap().into_iter();
    tables.filter(|table| of_a_pool(table) && table.name != "removals").collect()
}

/// Two pools with so many rows in each table; what must be unique over both, the first has.
fn fill() -> String {
    let is_filled = |table: &&Table| !table.name.ends_with("_counts") && table.name != "user_pools";
    let filled: String = tables().iter().filter(is_filled).map(|table| rows(table, ROWS)).collect();
    let pool = format!(
        "INSERT INTO user_pools (pool_id, settings, version) VALUES ('{POOL}', '{{}}', 1);"
    );
    let first = format!("{pool}\n{filled}");
    format!("{first}{}", first.replace(POOL, OTHER))
}

/// What counts the rows of each table that are of a pool.
fn counts_of(pool: &str) -> Vec<(String, String)> {
    let of = |Table { name, .. }: Table| {
        let sql = format!("SELECT COUNT(*) FROM {name} WHERE pool_id = '{pool}'");
        (name, sql)
    };
    tables().into_iter().map(of).collect()
}

type Counts = BTreeMap<String, i64>;

fn assert_filled(counts: &Counts) {
    for (table, count) in counts {
        let least = if table == "user_pools" || table.ends_with("_counts") { 1 } else { ROWS };
        assert!(*count >= i64::from(least), "{table}: {count}");
    }
}

fn delete() -> Vec<Change> {
    vec![Change::DeletePool { pool: PoolId::from(POOL), version: 1 }]
}

/// How many rows less there are, without those of counts.
fn removed(before: &Counts, after: &Counts) -> i64 {
    let real = |counts: &Counts| -> i64 {
        let real = counts.iter().filter(|(table, _)| !table.ends_with("_counts"));
        real.map(|(_, count)| count).sum()
    };
    real(before) - real(after)
}

fn sqlite_counts(connection: &Connection, pool: &str) -> Counts {
    let count = |sql: String| connection.query_row(&sql, [], |row| row.get(0)).unwrap();
    counts_of(pool).into_iter().map(|(table, sql)| (table, count(sql))).collect()
}

#[tokio::test]
async fn nothing_of_a_pool_is_left_in_any_table_of_sqlite() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("pool.db");
    let mut store = SqliteStore::open(&path).unwrap();
    let raw = Connection::open(&path).unwrap();
    raw.execute_batch(&fill()).unwrap();
    let (mut before, other) = (sqlite_counts(&raw, POOL), sqlite_counts(&raw, OTHER));
    assert_filled(&before);
    store.commit(delete()).await.unwrap();
    let closed = sqlite_counts(&raw, POOL);
    for table in ["user_pools", "app_clients", "signing_keys", "tenants"] {
        assert_eq!(closed[table], 0, "{table}");
    }
    before = closed;
    let mut sweeps = 0;
    while store.sweep(NOW).await.unwrap() {
        let after = sqlite_counts(&raw, POOL);
        let removed = removed(&before, &after);
        // The rest of a table, and a portion of the next one.
        assert!(removed <= 2 * i64::try_from(PORTION).unwrap(), "{removed} rows at once");
        (before, sweeps) = (after, sweeps + 1);
        if sweeps % 7 == 0 {
            // What a process has begun, the next one goes on with.
            drop(store);
            store = SqliteStore::open(&path).unwrap();
        }
    }
    assert!(sweeps > 20, "{sweeps} sweeps");
    assert!(before.values().all(|count| *count == 0), "{before:?}");
    assert_eq!(sqlite_counts(&raw, OTHER), other);
    let notes: i64 = raw.query_row("SELECT COUNT(*) FROM removals", [], |row| row.get(0)).unwrap();
    assert_eq!(notes, 0);
}

async fn postgres_counts(client: &tokio_postgres::Client, pool: &str) -> Counts {
    let mut counts = Counts::new();
    for (table, sql) in counts_of(pool) {
        counts.insert(table, client.query_one(&sql, &[]).await.unwrap().get(0));
    }
    counts
}

/// Also if several nodes sweep at the same time.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs POOLKEEPER_TEST_DATABASE"]
async fn nothing_of_a_pool_is_left_in_any_table_of_postgres() {
    let schema = TestSchema::migrated().await;
    let (store, node) = (schema.open().await, schema.open().await);
    let client = schema.client().await;
    client.batch_execute(&fill().replace("AS BLOB", "AS BYTEA")).await.unwrap();
    let other = postgres_counts(&client, OTHER).await;
    assert_filled(&postgres_counts(&client, POOL).await);
    store.commit(delete()).await.unwrap();
    loop {
        let (one, other) = tokio::join!(store.sweep(NOW), node.sweep(NOW));
        if !one.unwrap() && !other.unwrap() {
            break;
        }
    }
    let left = postgres_counts(&client, POOL).await;
    assert!(left.values().all(|count| *count == 0), "{left:?}");
    assert_eq!(postgres_counts(&client, OTHER).await, other);
    let notes: i64 = client.query_one("SELECT COUNT(*) FROM removals", &[]).await.unwrap().get(0);
    assert_eq!(notes, 0);
}
