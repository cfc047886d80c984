//! A database that records are copied to.

use super::PostgresSettings;
use super::connections::{self, Connections, within};
use super::failure::Moment;
use super::migrations;
use crate::copy::error::CopyError;
use crate::copy::table::{Cells, Sum, Table, quoted};
use crate::rows::Columns as _;
use crate::statement::Value;
use deadpool_postgres::ClientWrapper;
use poolkeeper_pool::error::StoreError;
use std::collections::BTreeMap;
use std::time::Duration;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::{FromSql, ToSql};
use tokio_postgres::{Error, Row};

/// One copy at a time: the lock ends with the connection.
const ALONE: &str =
    "SELECT pg_advisory_lock(hashtextextended('poolkeeper copy ' || current_schema(), 0))";

/// What is being copied, with its sums. It is not part of the schema: a database that nothing was
/// copied to has none.
const NOTES: &str = "CREATE TABLE IF NOT EXISTS copied_tables (
    name TEXT COLLATE \"C\" NOT NULL PRIMARY KEY,
    sum TEXT COLLATE \"C\" NOT NULL,
    compared BOOLEAN NOT NULL DEFAULT FALSE
)";

/// Counts are records like others, and come along (`migrations`): the database must not count again
/// what it is brought.
const COPIES: &str = "SET poolkeeper.copies = 'on'";

const NOTES_ARE_THERE: &str = "SELECT to_regclass('copied_tables') IS NOT NULL";

/// The database, with a connection of the copy's own.
pub(crate) struct Destination {
    client: ClientWrapper,
    patience: Duration,
}

/// What is known of the copy that was made to a database, or begun.
pub(crate) struct Notes {
    /// The sums by table.
    pub(crate) sums: BTreeMap<String, String>,
    /// Whether all was found equal.
    pub(crate) compared: bool,
}

impl Destination {
    /// Connects, makes the schema if there is none, and keeps other copies away.
    pub(crate) async fn open(settings: &PostgresSettings) -> Result<Self, CopyError> {
        let connections = Connections::new(settings)?;
        let client = connections.alone(settings.statement_timeout).await;
        let mut client = client.map_err(StoreError::from)?;
        connections::check_server(&client).await?;
        migrations::make(&mut client).await?;
        // Of a copy that was just killed, the server may still be ending the last statement.
        let patience = format!("SET lock_timeout = {}", settings.connect_timeout.as_millis());
        let locked = client.batch_execute(&format!("{patience}; {COPIES}; {ALONE}")).await;
        locked.map_err(|error| match error.code() {
            Some(&SqlState::LOCK_NOT_AVAILABLE) => CopyError::Busy,
            _ => migrations::failed(&error).into(),
        })?;
        Ok(Self { client, patience: connections.patience() })
    }

    pub(crate) async fn notes(&self) -> Result<Option<Notes>, CopyError> {
        let there = self.rows(NOTES_ARE_THERE, &[]).await?;
        if !there.first().map_or(Ok(false), |row| get(row, 0))? {
            return Ok(None);
        }
        let rows = self.rows("SELECT name, sum, compared FROM copied_tables", &[]).await?;
        let mut notes = Notes { sums: BTreeMap::new(), compared: true };
        for row in &rows {
            notes.sums.insert(get(row, 0)?, get(row, 1)?);
            notes.compared &= get::<bool>(row, 2)?;
        }
        Ok((!rows.is_empty()).then_some(notes))
    }

    /// Notes what will be copied, all at once. From now on no node opens the database.
    pub(crate) async fn begin(&self, work: &[(&Table, &Sum)]) -> Result<(), CopyError> {
        let names: Vec<_> = work.iter().map(|(table, _)| table.name.as_str()).collect();
        let sums: Vec<_> = work.iter().map(|(_, sum)| sum.to_string()).collect();
        self.rows(NOTES, &[]).await?;
        let sql =
            "INSERT INTO copied_tables (name, sum) SELECT * FROM UNNEST($1::text[], $2::text[])";
        self.rows(sql, &[&names, &sums]).await.map(drop)
    }

    /// Lets nobody write until [`Self::finish`]. A node that was open before the copy began could.
    pub(crate) async fn hold(&self, tables: &[Table]) -> Result<(), CopyError> {
        let names: Vec<_> = tables.iter().map(|table| quoted(&table.name)).collect();
        self.rows("BEGIN", &[]).await?;
        let lock = format!("LOCK TABLE {} IN SHARE MODE", names.join(", "));
        self.rows(&lock, &[]).await.map(drop)
    }

    /// Notes that all was found equal. From now on nodes open the database.
    pub(crate) async fn finish(&self) -> Result<(), CopyError> {
        self.rows("UPDATE copied_tables SET compared = TRUE", &[]).await?;
        self.rows("COMMIT", &[]).await.map(drop)
    }

    /// The greatest key of a table, if it has rows.
    pub(crate) async fn last_key(&self, table: &Table) -> Result<Option<Vec<Value>>, CopyError> {
        let rows = self.rows(&table.last_key(), &[]).await?;
        rows.first().map(|row| cells(table, row)).transpose()
    }

    pub(crate) async fn count(&self, table: &Table) -> Result<u64, CopyError> {
        let rows = self.rows(&table.count(), &[]).await?;
        let count: i64 = rows.first().map_or(Ok(0), |row| get(row, 0))?;
        Ok(u64::try_from(count).unwrap_or_default())
    }

    /// Rows of a table in the order of their keys: those after a key, or the first ones.
    pub(crate) async fn page(
        &self,
        table: &Table,
        after: Option<&[Value]>,
        rows: usize,
    ) -> Result<Vec<Cells>, CopyError> {
        let sql = table.page(after.is_some(), rows);
        let after = after.unwrap_or_default().iter();
        let parameters: Vec<_> = after.map(|value| value as &(dyn ToSql + Sync)).collect();
        let rows = self.rows(&sql, &parameters).await?;
        rows.iter().map(|row| cells(table, row)).collect()
    }

    /// Inserts rows: all of them or none.
    pub(crate) async fn insert(&self, table: &Table, rows: Vec<Cells>) -> Result<(), CopyError> {
        let mut columns: Vec<Vec<Value>> =
            table.columns.iter().map(|_| Vec::with_capacity(rows.len())).collect();
        for row in rows {
            columns.iter_mut().zip(row).for_each(|(column, cell)| column.push(cell));
        }
        let parameters: Vec<_> =
            columns.iter().map(|column| column as &(dyn ToSql + Sync)).collect();
        self.rows(&table.insert(), &parameters).await.map(drop)
    }

    async fn rows(
        &self,
        sql: &str,
        parameters: &[&(dyn ToSql + Sync)],
    ) -> Result<Vec<Row>, CopyError> {
        let answer = async {
            let prepared = self.client.prepare_cached(sql).await?;
            self.client.query(&prepared, parameters).await
        };
        let rows = within(self.patience, Moment::Before, answer).await;
        Ok(rows.map_err(StoreError::from)?)
    }
}

/// Refuses a database whose records are only a part of what they shall be.
pub(super) async fn check(client: &ClientWrapper) -> Result<(), StoreError> {
    let open = "SELECT EXISTS (SELECT 1 FROM copied_tables WHERE NOT compared)";
    let ask = async |sql| client.query_one(sql, &[]).await?.try_get::<_, bool>(0);
    let unfinished = async { Ok::<_, Error>(ask(NOTES_ARE_THERE).await? && ask(open).await?) };
    if !unfinished.await.map_err(|error| migrations::failed(&error))? {
        return Ok(());
    }
    let reason = "a copy to it is under way, or was not finished: run `poolkeeper copy` again";
    Err(StoreError::Unavailable(reason.to_owned()))
}

fn cells(table: &Table, row: &Row) -> Result<Cells, CopyError> {
    let cell = |index| row.cell(index).map(Value::from);
    let cells: Option<Cells> = (0..row.len()).map(cell).collect();
    let reason =
        || format!("table {} does not have the columns that this release expects", table.name);
    Ok(cells.ok_or_else(|| StoreError::Unavailable(reason()))?)
}

fn get<'a, T: FromSql<'a>>(row: &'a Row, column: usize) -> Result<T, CopyError> {
    Ok(row.try_get(column).map_err(|error| migrations::failed(&error))?)
}
