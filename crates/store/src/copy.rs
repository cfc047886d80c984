//! All records of an SQLite file, copied to a PostgreSQL database.
//!
//! What is copied is the schema of this release, every table of it: a migration needs nothing here.
//! The file is held alone from the beginning to the end, and closed by a mark beside it before nodes
//! may open the copy. What it holds is summed up first. These
//! sums are noted in the destination: they tell whether a copy that is gone on with is of the same
//! records, and at the end whether all of them have arrived.
//!
//! Rows go over in the order of their keys, each batch in a transaction, so the greatest key in the
//! destination is where to go on. From the first row until all is compared, no node opens the
//! destination.

pub(crate) mod error;
pub(crate) mod table;

use crate::postgres::PostgresSettings;
use crate::postgres::copying::Destination;
use crate::sqlite::copying::Source;
use crate::sqlite::hold::{self, FileHold, HoldError};
use crate::statement::Value;
use error::CopyError;
use std::io;
use std::path::Path;
use table::{Sum, Summing, Table};

/// Rows of one transaction, and of one page of a comparison. Ten times as many would make it a twentieth
/// faster, for four times the memory.
pub const BATCH: usize = 1_000;

/// How far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CopyProgress<'a> {
    /// What is being done.
    pub step: CopyStep,
    /// The table it is done with.
    pub table: &'a str,
    /// Rows done.
    pub rows: u64,
    /// Rows of the table.
    pub of: u64,
}

/// What is being done with a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CopyStep {
    /// Its rows are being read in the source and summed up.
    Read,
    /// Its rows are being written to the destination.
    Copy,
    /// Its rows are being read in the destination and compared.
    Compare,
}

/// What was copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Copied {
    /// Tables.
    pub tables: usize,
    /// Rows of all of them.
    pub rows: u64,
    /// Whether that was done before, and nothing now.
    pub before: bool,
}

/// Told the progress after every batch; a failure ends the copy there.
type Report<'a> = &'a mut dyn FnMut(CopyProgress<'_>) -> io::Result<()>;

/// Copies all records of the file to the database, in transactions of `batch` rows, and compares
/// them. What was broken off is gone on with.
///
/// # Errors
///
/// If the file is in use, cannot be read or marked, or is of another release; if the database
/// cannot be used, holds other records, or another copy to it is under way; if what has arrived
/// differs; if `report` fails.
pub async fn copy(
    from: &Path,
    to: &PostgresSettings,
    batch: usize,
    report: Report<'_>,
) -> Result<Copied, CopyError> {
    let source = Source::open(from)?;
    // SQLite keeps all others out, but has them wait, and lets them in when all has been read.
    let _hold = FileHold::take(from, "poolkeeper copy").map_err(|error| match error {
        HoldError::Held { path, .. } => CopyError::InUse(path),
        other => CopyError::Source { path: from.to_owned(), problem: other.to_string() },
    })?;
    let tables = source.tables()?;
    let destination = Destination::open(to).await?;
    let sums = tables.iter().map(|table| sum(&source, table, batch, report));
    let sums = sums.collect::<Result<Vec<_>, _>>()?;
    let work: Vec<_> = tables.iter().zip(&sums).collect();
    let before = begin(&destination, &work).await?;
    if !before {
        for (table, sum) in &work {
            fill(&source, &destination, (table, sum), batch, report).await?;
        }
        destination.hold(&tables).await?;
        for (table, sum) in &work {
            compare(&destination, (table, sum), batch, report).await?;
        }
    }
    // Before anybody can begin with the copy: never shall both be written to.
    hold::mark_copied(from).map_err(|error| CopyError::Source {
        path: from.to_owned(),
        problem: format!("cannot mark it as copied: {error}"),
    })?;
    if !before {
        destination.finish().await?;
    }
    Ok(Copied { tables: work.len(), rows: sums.iter().map(|sum| sum.rows).sum(), before })
}

fn sum(source: &Source, table: &Table, batch: usize, report: Report<'_>) -> Result<Sum, CopyError> {
    let of = source.count(table)?;
    let mut summing = Summing::default();
    let mut after = None;
    loop {
        let rows = source.page(table, after.as_deref(), batch)?;
        let Some(last) = rows.last() else { return Ok(summing.finish()) };
        after = Some(table.key_of(last));
        summing.add(&rows);
        report(CopyProgress {
            step: CopyStep::Read,
            table: &table.name,
            rows: summing.rows(),
            of,
        })?;
    }
}

/// Notes what is to be copied, or finds it noted. Whether that copy was made to its end.
async fn begin(destination: &Destination, work: &[(&Table, &Sum)]) -> Result<bool, CopyError> {
    let Some(notes) = destination.notes().await? else {
        for (table, _) in work {
            if destination.last_key(table).await?.is_some() {
                return Err(CopyError::NotEmpty(table.name.clone()));
            }
        }
        destination.begin(work).await?;
        return Ok(false);
    };
    for (table, sum) in work {
        if notes.sums.get(&table.name) != Some(&sum.to_string()) {
            return Err(CopyError::OtherSource(table.name.clone()));
        }
    }
    Ok(notes.compared)
}

async fn fill(
    source: &Source,
    destination: &Destination,
    (table, sum): (&Table, &Sum),
    batch: usize,
    report: Report<'_>,
) -> Result<(), CopyError> {
    let mut after = destination.last_key(table).await?;
    let mut done = if after.is_some() { destination.count(table).await? } else { 0 };
    loop {
        let rows = source.page(table, after.as_deref(), batch)?;
        let Some(last) = rows.last() else { return Ok(()) };
        after = Some(table.key_of(last));
        done += rows.len() as u64;
        destination.insert(table, rows).await?;
        report(CopyProgress {
            step: CopyStep::Copy,
            table: &table.name,
            rows: done,
            of: sum.rows,
        })?;
    }
}

async fn compare(
    destination: &Destination,
    (table, sum): (&Table, &Sum),
    batch: usize,
    report: Report<'_>,
) -> Result<(), CopyError> {
    let mut summing = Summing::default();
    let mut after: Option<Vec<Value>> = None;
    loop {
        let rows = destination.page(table, after.as_deref(), batch).await?;
        let Some(last) = rows.last() else { break };
        after = Some(table.key_of(last));
        summing.add(&rows);
        let (rows, of) = (summing.rows(), sum.rows);
        report(CopyProgress { step: CopyStep::Compare, table: &table.name, rows, of })?;
    }
    let found = summing.finish();
    if found == *sum {
        return Ok(());
    }
    let (table, source_rows, rows) = (table.name.clone(), sum.rows, found.rows);
    Err(CopyError::Differs { table, source_rows, rows })
}
