//! A file whose records are copied elsewhere.

use super::{connect, migrations::MIGRATIONS};
use crate::copy::error::CopyError;
use crate::copy::table::{Cells, Column, Table};
use crate::rows::Columns as _;
use crate::statement::Value;
use rusqlite::{Connection, Error, ErrorCode, Row, params_from_iter};
use std::path::{Path, PathBuf};

/// The file, held alone.
pub(crate) struct Source {
    path: PathBuf,
    connection: Connection,
}

impl Source {
    /// Takes hold of a file that nobody else has open, so that it stays as it is until this is
    /// dropped. Refuses one whose schema is not that of this release.
    pub(crate) fn open(path: &Path) -> Result<Self, CopyError> {
        if !path.is_file() {
            return Err(wrong(path, "there is no such file"));
        }
        let connection = connect::alone(path).map_err(|error| failed(path, &error))?;
        let version = connection.query_row("PRAGMA user_version", [], |row| row.get(0));
        let version: i64 = version.map_err(|error| failed(path, &error))?;
        let known = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
        match version {
            _ if version == known => Ok(Self { path: path.to_owned(), connection }),
            ..=0 => Err(wrong(path, NOT_OURS)),
            _ if version > known => Err(wrong(
                path,
                &format!(
                    "its schema has version {version}, made by a newer release; this one knows \
                     versions up to {known}"
                ),
            )),
            _ => Err(wrong(
                path,
                &format!(
                    "its schema has version {version}, and this release needs {known}: run \
                     `poolkeeper migrate` with the configuration whose data it is"
                ),
            )),
        }
    }

    /// All tables, which are those of this release.
    pub(crate) fn tables(&self) -> Result<Vec<Table>, CopyError> {
        let failed = |error| failed(&self.path, &error);
        let expected = tables_of_this_release().map_err(failed)?;
        if tables(&self.connection).map_err(failed)? == expected {
            Ok(expected)
        } else {
            Err(wrong(&self.path, NOT_OURS))
        }
    }

    pub(crate) fn count(&self, table: &Table) -> Result<u64, CopyError> {
        let count = self.connection.query_row(&table.count(), [], |row| row.get(0));
        let count: i64 = count.map_err(|error| failed(&self.path, &error))?;
        Ok(u64::try_from(count).unwrap_or_default())
    }

    /// Rows of a table in the order of their keys: those after a key, or the first ones.
    pub(crate) fn page(
        &self,
        table: &Table,
        after: Option<&[Value]>,
        rows: usize,
    ) -> Result<Vec<Cells>, CopyError> {
        let sql = table.page(after.is_some(), rows);
        let cells = |row: &Row<'_>| {
            let cell = |index| row.cell(index).map(Value::from);
            Ok((0..table.columns.len()).map(cell).collect::<Option<Cells>>())
        };
        let rows = query(&self.connection, &sql, after.unwrap_or_default(), cells);
        let rows = rows.map_err(|error| failed(&self.path, &error))?;
        let problem = || format!("table {} contains values that no release wrote", table.name);
        let rows: Option<Vec<_>> = rows.into_iter().collect();
        rows.ok_or_else(|| wrong(&self.path, &problem()))
    }
}

const NOT_OURS: &str = "it is not a database of Poolkeeper";

/// What the migrations make.
pub(crate) fn tables_of_this_release() -> rusqlite::Result<Vec<Table>> {
    let connection = Connection::open_in_memory()?;
    MIGRATIONS.iter().try_for_each(|migration| connection.execute_batch(migration))?;
    tables(&connection)
}

fn tables(connection: &Connection) -> rusqlite::Result<Vec<Table>> {
    let sql = "SELECT name FROM sqlite_schema WHERE type = 'table' \
        AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name";
    let names = query(connection, sql, &[], |row| row.get::<_, String>(0))?;
    names.into_iter().map(|name| table(connection, name)).collect()
}

fn table(connection: &Connection, name: String) -> rusqlite::Result<Table> {
    let sql = "SELECT name, type FROM pragma_table_info($1) ORDER BY cid";
    let named = [Value::Text(name.clone())];
    let columns =
        query(connection, sql, &named, |row| Ok(Column { name: row.get(0)?, kind: row.get(1)? }))?;
    let sql = "SELECT cid FROM pragma_table_info($1) WHERE pk > 0 ORDER BY pk";
    let key = query(connection, sql, &named, |row| row.get::<_, u16>(0).map(usize::from))?;
    Ok(Table { name, columns, key })
}

fn query<T>(
    connection: &Connection,
    sql: &str,
    parameters: &[Value],
    read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
) -> rusqlite::Result<Vec<T>> {
    let mut statement = connection.prepare_cached(sql)?;
    statement.query_map(params_from_iter(parameters), read)?.collect()
}

fn wrong(path: &Path, problem: &str) -> CopyError {
    CopyError::Source { path: path.to_owned(), problem: problem.to_owned() }
}

fn failed(path: &Path, error: &Error) -> CopyError {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            CopyError::InUse(path.to_owned())
        }
        Some(ErrorCode::NotADatabase) => wrong(path, NOT_OURS),
        _ => wrong(path, &error.to_string()),
    }
}
