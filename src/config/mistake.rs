//! What is wrong with a configuration, and where.

use std::fmt;
use std::io;
use std::ops::Range;
use std::path::Path;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A place in a configuration file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    file: String,
    line: usize,
    column: usize,
    /// The key, e.g. `pool.client.flows`; empty if the place is at none.
    key: String,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, column, key } = self;
        write!(f, "{file}:{line}:{column}")?;
        if key.is_empty() { Ok(()) } else { write!(f, ": {key}") }
    }
}

/// Every mistake in a configuration. Printed, each is a line of its own.
#[derive(Debug, PartialEq, Eq)]
pub struct ConfigErrors(Vec<String>);

impl ConfigErrors {
    /// The file cannot be read at all.
    pub(super) fn unreadable(path: &Path, error: &io::Error) -> Self {
        let is_missing = error.kind() == io::ErrorKind::NotFound;
        let advice = if is_missing { "; choose another file with --config" } else { "" };
        Self(vec![format!("{}: cannot be read: {error}{advice}", path.display())])
    }

    /// A mistake at each of these places.
    pub(super) fn at(mistakes: impl IntoIterator<Item = (Place, String)>) -> Self {
        let lines = mistakes.into_iter().map(|(place, message)| format!("{place}: {message}"));
        Self(lines.collect())
    }
}

impl ConfigErrors {
    /// A line for each.
    pub(super) fn into_lines(self) -> Vec<String> {
        self.0
    }
}

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("\n"))
    }
}

impl std::error::Error for ConfigErrors {}

/// The text of a configuration file, in which places can be found.
pub(super) struct Source<'a> {
    file: String,
    text: &'a str,
    table: Spanned<DeTable<'a>>,
}

impl<'a> Source<'a> {
    pub(super) fn new(path: &Path, text: &'a str) -> Self {
        let file = path.display().to_string();
        Self { file, text, table: DeTable::parse_recoverable(text).0 }
    }

    /// The place of what the parser complains about; of the file as a whole if it does not say.
    pub(super) fn place_of(&self, error: &toml::de::Error) -> Place {
        match error.span() {
            Some(span) if !span.is_empty() => self.place(span.start),
            Some(span) => Place { key: String::new(), ..self.place(span.start) },
            None => Place { key: String::new(), ..self.place(0) },
        }
    }

    /// The place of a byte of the text.
    pub(super) fn place(&self, offset: usize) -> Place {
        let before = self.text.get(..offset).unwrap_or(self.text);
        let start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Place {
            file: self.file.clone(),
            line: before.matches('\n').count() + 1,
            column: before.get(start..).unwrap_or_default().chars().count() + 1,
            key: key_in_table(self.table.get_ref(), offset).unwrap_or_default(),
        }
    }
}

/// The key at or in whose value a byte stands. A table's own place is its header only, so what is
/// inside has to be looked at in any case.
fn key_in_table(table: &DeTable<'_>, offset: usize) -> Option<String> {
    table.iter().find_map(|(key, value)| {
        let name = key.get_ref();
        let inside = key_in_value(value.get_ref(), offset);
        let inside = inside.map(|rest| format!("{name}.{rest}"));
        let here = || is_at(key.span(), offset) || is_in(value, offset);
        inside.or_else(|| here().then(|| name.to_string()))
    })
}

fn key_in_value(value: &DeValue<'_>, offset: usize) -> Option<String> {
    match value {
        DeValue::Table(table) => key_in_table(table, offset),
        DeValue::Array(items) => items.iter().find_map(|item| key_in_value(item.get_ref(), offset)),
        _ => None,
    }
}

fn is_in(value: &Spanned<DeValue<'_>>, offset: usize) -> bool {
    let items = value.get_ref().as_array();
    is_at(value.span(), offset)
        || items.is_some_and(|items| items.iter().any(|item| is_at(item.span(), offset)))
}

fn is_at(span: Range<usize>, offset: usize) -> bool {
    span.contains(&offset)
}
