//! A SQL text with its parameters, for whichever engine runs it.

use poolkeeper_pool::crypto::seal::Sealed;
use poolkeeper_pool::time::Timestamp;
use std::fmt;

/// A parameter.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Value {
    Null,
    Integer(i64),
    Text(String),
    Blob(Vec<u8>),
    /// Texts of which a column is to be one. No column holds it.
    List(Vec<String>),
}

/// Shows nothing: it may be a secret or a name.
impl fmt::Debug for Value {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Value")
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Integer(value)
    }
}

impl From<Timestamp> for Value {
    fn from(value: Timestamp) -> Self {
        Self::Integer(value.millis())
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}

/// A list.
impl<'a> FromIterator<&'a str> for Value {
    fn from_iter<I: IntoIterator<Item = &'a str>>(texts: I) -> Self {
        Self::List(texts.into_iter().map(str::to_owned).collect())
    }
}

impl From<&Sealed> for Value {
    fn from(value: &Sealed) -> Self {
        Self::Blob(value.as_bytes().to_vec())
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// The parameters of a statement, each of its own type.
macro_rules! values {
    ($($value:expr),* $(,)?) => { vec![$($crate::statement::Value::from($value)),*] };
}
pub(crate) use values;

/// A statement that a commit runs. Whether it did what was meant shows in the number of rows it
/// changed, or found if it only reads.
pub struct Statement {
    pub(crate) sql: &'static str,
    pub(crate) parameters: Vec<Value>,
    /// With fewer rows than this, the change it belongs to is refused.
    pub(crate) at_least: usize,
}

impl Statement {
    /// A statement that must find its row.
    pub(crate) fn guarded(sql: &'static str, parameters: Vec<Value>) -> Self {
        Self { sql, parameters, at_least: 1 }
    }

    /// A statement that may find nothing to do.
    pub(crate) fn unguarded(sql: &'static str, parameters: Vec<Value>) -> Self {
        Self { sql, parameters, at_least: 0 }
    }
}

/// How long a read may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effort {
    /// A moment: few rows are found by their keys.
    Lookup,
    /// It may take long: a page of rows is read, or more. No look-up waits for it.
    Listing,
}

/// A read.
pub struct Query {
    /// The table whose rows it gives, for error messages.
    pub(crate) table: &'static str,
    pub(crate) sql: &'static str,
    pub(crate) effort: Effort,
    pub(crate) parameters: Vec<Value>,
}
