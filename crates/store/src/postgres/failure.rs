//! What a failure of the database means for what was asked of it.

use poolkeeper_pool::error::{CommitError, StoreError};
use std::error::Error as _;
use tokio_postgres::Error;
use tokio_postgres::error::{DbError, Severity, SqlState};

/// The kind of what another connection may do.
const CONNECTION: &str = "connection";

/// Why something was not done.
#[derive(Debug)]
pub(super) enum Failure {
    /// Nothing was done, and the same again may succeed.
    Transient {
        /// What is counted: `serialization`, `deadlock`, `connection`.
        kind: &'static str,
        /// For people.
        reason: String,
    },
    /// The same again would not help, or might do it twice.
    Final(String),
    /// A change found the world other than it expected.
    Refused(usize),
}

/// When a failure came.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Moment {
    /// Nothing that was asked for could last yet.
    Before,
    /// What was asked for may have been done all the same.
    Deciding,
}

impl Failure {
    pub(super) fn of(error: &Error, moment: Moment) -> Self {
        match error.as_db_error() {
            Some(problem) => of_server(problem, moment),
            None => lost(&describe(error), moment),
        }
    }

    /// Whether another connection is needed, though this one may look sound: it may lead to a server
    /// that takes no writes any more.
    pub(super) fn is_of_the_connection(&self) -> bool {
        matches!(self, Self::Transient { kind: CONNECTION, .. })
    }

    /// The database did not answer in time.
    pub(super) fn late(moment: Moment) -> Self {
        match moment {
            Moment::Before => Self::Final("it does not answer in time".to_owned()),
            Moment::Deciding => unknown("it does not answer in time"),
        }
    }
}

fn of_server(problem: &DbError, moment: Moment) -> Failure {
    // Neither detail nor hint: they may quote what a row holds.
    let reason = format!("{} (SQLSTATE {})", problem.message(), problem.code().code());
    let code = problem.code();
    let transient = |kind| Failure::Transient { kind, reason: reason.clone() };
    if *code == SqlState::T_R_SERIALIZATION_FAILURE {
        return transient("serialization");
    }
    if *code == SqlState::T_R_DEADLOCK_DETECTED {
        return transient("deadlock");
    }
    // It has not begun: the server is starting, has no connection to spare, or is a standby by now.
    let not_begun = [
        SqlState::CANNOT_CONNECT_NOW,
        SqlState::TOO_MANY_CONNECTIONS,
        SqlState::READ_ONLY_SQL_TRANSACTION,
    ];
    if not_begun.contains(code) {
        return transient(CONNECTION);
    }
    // A server that is told to stop ends connections that wait for a standby after the commit.
    let ends = [SqlState::ADMIN_SHUTDOWN, SqlState::CRASH_SHUTDOWN].contains(code);
    if ends || code.code().starts_with("08") {
        return lost(&reason, moment);
    }
    if moment == Moment::Deciding && problem.parsed_severity() == Some(Severity::Fatal) {
        return unknown(&reason);
    }
    Failure::Final(reason)
}

fn lost(reason: &str, moment: Moment) -> Failure {
    match moment {
        Moment::Before => Failure::Transient { kind: CONNECTION, reason: reason.to_owned() },
        Moment::Deciding => unknown(reason),
    }
}

/// Trying again could do it twice, or refuse what was done.
fn unknown(reason: &str) -> Failure {
    Failure::Final(format!("nobody knows whether a commit was made: {reason}"))
}

/// An error of the connection with its causes; they name no secret.
fn describe(error: &Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

impl From<Failure> for StoreError {
    fn from(failure: Failure) -> Self {
        Self::Unavailable(match failure {
            Failure::Transient { reason, .. } | Failure::Final(reason) => reason,
            Failure::Refused(change) => format!("change {change} was refused"),
        })
    }
}

impl From<Failure> for CommitError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Refused(change) => Self::Refused(change),
            other => Self::Store(other.into()),
        }
    }
}
