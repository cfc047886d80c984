//! Connections for reading. A read takes one and gives it back, so there are as many as there have
//! been reads at the same moment: about one per thread of the runtime.

use super::{connect, full, unavailable};
use crate::rows::{Cell, Columns, Parsed, Row};
use crate::statement::Query;
use poolkeeper_pool::error::StoreError;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, params_from_iter};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

pub(super) struct Readers {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
    /// Whether the disk had no space when the file was opened, nor at any read since.
    is_full: AtomicBool,
}

impl Readers {
    pub(super) fn open(path: PathBuf) -> Result<Self, StoreError> {
        let first = connect::reader(&path)?;
        Ok(Self { path, idle: Mutex::new(vec![first]), is_full: AtomicBool::new(false) })
    }

    /// Reads the file as it stands until there is space.
    pub(super) fn of_a_full_disk(path: PathBuf) -> Self {
        Self { path, idle: Mutex::default(), is_full: AtomicBool::new(true) }
    }

    /// All rows of a query.
    pub(super) fn all<T>(
        &self,
        query: &Query,
        parse: impl Fn(&mut Row<'_>) -> Parsed<T>,
    ) -> Parsed<Vec<T>> {
        self.with_connection(|connection| {
            let mut statement = connection.prepare_cached(query.sql).map_err(unavailable)?;
            let parameters = params_from_iter(&query.parameters);
            let mut rows = statement.query(parameters).map_err(unavailable)?;
            let mut parsed = Vec::new();
            while let Some(row) = rows.next().map_err(unavailable)? {
                parsed.push(parse(&mut Row::new(query.table, row))?);
            }
            Ok(parsed)
        })
    }

    /// Closes the idle connections.
    pub(super) fn close(&self) {
        self.idle().clear();
    }

    fn with_connection<T>(
        &self,
        read: impl FnOnce(&Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        if self.is_full.load(Ordering::Acquire) {
            if full::is_full(&self.path) {
                return read(&connect::as_it_stands(&self.path)?);
            }
            self.is_full.store(false, Ordering::Release);
        }
        let idle = self.idle().pop();
        let connection = idle.map_or_else(|| connect::reader(&self.path), Ok)?;
        let result = read(&connection);
        // After a failure of the database the next read shall start afresh.
        if !matches!(result, Err(StoreError::Unavailable(_))) {
            self.idle().push(connection);
        }
        result
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Columns for rusqlite::Row<'_> {
    fn cell(&self, index: usize) -> Option<Cell<'_>> {
        match self.get_ref(index).ok()? {
            ValueRef::Null => Some(Cell::Null),
            ValueRef::Integer(integer) => Some(Cell::Integer(integer)),
            ValueRef::Text(text) => str::from_utf8(text).ok().map(|text| Cell::Text(text.into())),
            ValueRef::Blob(bytes) => Some(Cell::Blob(bytes)),
            ValueRef::Real(_) => None,
        }
    }
}
