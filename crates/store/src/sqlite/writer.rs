//! The one thread that writes. It takes every commit that is waiting, runs each in a savepoint of
//! one transaction, and answers all of them once that is durable.

use super::checkpoint::Checkpoints;
use super::{SHRINK, connect, full, unavailable};
use crate::statement::{Statement, Value};
use poolkeeper_pool::error::{CommitError, StoreError};
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, ErrorCode, ToSql, params_from_iter};
use std::path::{Path, PathBuf};
use std::thread::{self, JoinHandle};
use tokio::sync::{mpsc, oneshot};

/// Commits that may wait; callers beyond wait for a place.
const QUEUE: usize = 1024;
/// Commits that share a transaction at most, so that the first of them is not kept waiting long.
const TOGETHER: usize = 256;

/// How many rows each statement has changed or found.
type CommitResult = Result<Vec<u64>, CommitError>;

/// A list of changes, each with its statements.
pub(super) struct Job {
    pub(super) changes: Vec<Vec<Statement>>,
    pub(super) answer: oneshot::Sender<CommitResult>,
}

pub(super) struct Writer {
    pub(super) queue: mpsc::Sender<Job>,
    pub(super) thread: JoinHandle<()>,
}

impl Writer {
    pub(super) fn start(
        connection: Connection,
        checkpoints: Checkpoints,
    ) -> Result<Self, StoreError> {
        let (queue, waiting) = mpsc::channel(QUEUE);
        let thread = thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || write(&connection, None, waiting, checkpoints))
            .map_err(|error| StoreError::Unavailable(format!("cannot start a thread: {error}")))?;
        Ok(Self { queue, thread })
    }

    /// One that refuses all until the disk has space.
    pub(super) fn of_a_full_disk(path: PathBuf) -> Result<Self, StoreError> {
        let (queue, mut waiting) = mpsc::channel(QUEUE);
        let write_later = move || {
            while let Some(job) = waiting.blocking_recv() {
                match open(&path) {
                    Ok((connection, checkpoints)) => {
                        tracing::info!("the disk has space again");
                        return write(&connection, Some(job), waiting, checkpoints);
                    }
                    Err(error) => {
                        let _ = job.answer.send(Err(CommitError::Store(error)));
                    }
                }
            }
        };
        let thread = thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(write_later)
            .map_err(|error| StoreError::Unavailable(format!("cannot start a thread: {error}")))?;
        Ok(Self { queue, thread })
    }
}

fn open(path: &Path) -> Result<(Connection, Checkpoints), StoreError> {
    if full::is_full(path) {
        return Err(StoreError::Unavailable("the disk is full".to_owned()));
    }
    Ok((connect::writer(path)?, Checkpoints::start(connect::writer(path)?)?))
}

/// Runs until the store is dropped and all that it had queued is done.
fn write(
    connection: &Connection,
    first: Option<Job>,
    mut waiting: mpsc::Receiver<Job>,
    mut checkpoints: Checkpoints,
) {
    let mut jobs = Vec::with_capacity(TOGETHER);
    jobs.extend(first);
    while !jobs.is_empty() || waiting.blocking_recv_many(&mut jobs, TOGETHER) > 0 {
        let before = connection.total_changes();
        let answers = answer_together(connection, &jobs);
        for (job, answer) in jobs.drain(..).zip(answers) {
            // Nobody listens any more to a caller who has gone; the commit stands all the same.
            let _ = job.answer.send(answer);
        }
        let written = connection.total_changes().saturating_sub(before);
        checkpoints.wrote(usize::try_from(written).unwrap_or(usize::MAX), connection);
    }
    checkpoints.finish(connection);
}

/// One answer to each job.
pub(super) fn answer_together(connection: &Connection, jobs: &[Job]) -> Vec<CommitResult> {
    let answers = commit_together(connection, jobs);
    answers.unwrap_or_else(|error| give_up(connection, &error, jobs.len()))
}

/// The answers to all jobs, or why none of them was done.
fn commit_together(connection: &Connection, jobs: &[Job]) -> rusqlite::Result<Vec<CommitResult>> {
    run(connection, "BEGIN IMMEDIATE")?;
    let answers =
        jobs.iter().map(|job| apply(connection, &job.changes)).collect::<Result<_, _>>()?;
    run(connection, "COMMIT")?;
    Ok(answers)
}

fn give_up(connection: &Connection, error: &rusqlite::Error, jobs: usize) -> Vec<CommitResult> {
    tracing::error!(%error, jobs, "a transaction has failed");
    // After some failures SQLite has rolled back already.
    if !connection.is_autocommit()
        && let Err(error) = run(connection, "ROLLBACK")
    {
        tracing::error!(%error, "cannot roll back a failed transaction");
    }
    let reason = error.to_string();
    let unavailable = || CommitError::Store(StoreError::Unavailable(reason.clone()));
    (0..jobs).map(|_| Err(unavailable())).collect()
}

/// Applies one job or undoes it. An error is one of the database, not of this job.
fn apply(connection: &Connection, changes: &[Vec<Statement>]) -> rusqlite::Result<CommitResult> {
    run(connection, "SAVEPOINT job")?;
    let answer = match rows_of_each(connection, changes) {
        Ok(Ok(rows)) => Ok(rows),
        Ok(Err(change)) => Err(CommitError::Refused(change)),
        Err(error) if is_of_the_statement(&error) => Err(CommitError::Store(unavailable(error))),
        Err(error) => return Err(error),
    };
    if answer.is_err() {
        run(connection, "ROLLBACK TO job")?;
    }
    run(connection, "RELEASE job")?;
    Ok(answer)
}

/// The rows of each statement, or the first change that is refused.
fn rows_of_each(
    connection: &Connection,
    changes: &[Vec<Statement>],
) -> rusqlite::Result<Result<Vec<u64>, usize>> {
    let mut rows_of_each = Vec::new();
    for (index, statements) in changes.iter().enumerate() {
        for statement in statements {
            let rows = rows_touched(connection, statement)?;
            if rows < statement.at_least {
                return Ok(Err(index));
            }
            rows_of_each.push(rows as u64);
        }
    }
    Ok(Ok(rows_of_each))
}

fn rows_touched(connection: &Connection, statement: &Statement) -> rusqlite::Result<usize> {
    let mut prepared = connection.prepare_cached(statement.sql)?;
    let parameters = params_from_iter(&statement.parameters);
    // A vacuum gives a row for each page that it takes away.
    if !prepared.readonly() && statement.sql != SHRINK {
        return prepared.execute(parameters);
    }
    let mut rows = prepared.query(parameters)?;
    let mut count = 0;
    while rows.next()?.is_some() {
        count += 1;
    }
    Ok(count)
}

/// Whether the database is well and only this statement cannot be.
fn is_of_the_statement(error: &rusqlite::Error) -> bool {
    use ErrorCode::{ConstraintViolation, TooBig, TypeMismatch};
    matches!(error.sqlite_error_code(), Some(ConstraintViolation | TypeMismatch | TooBig))
}

fn run(connection: &Connection, sql: &'static str) -> rusqlite::Result<()> {
    connection.prepare_cached(sql)?.execute([]).map(drop)
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::List(texts) => {
                return Ok(ToSqlOutput::Owned(serde_json::json!(texts).to_string().into()));
            }
            Self::Null => ValueRef::Null,
            Self::Integer(value) => ValueRef::Integer(*value),
            Self::Text(value) => ValueRef::Text(value.as_bytes()),
            Self::Blob(value) => ValueRef::Blob(value),
        }))
    }
}
