//! A table that is copied: its statements, and the sum of its rows.

use crate::statement::Value;
use aws_lc_rs::digest::{Context, SHA256};
use data_encoding::HEXLOWER;
use std::fmt;

/// A row, its columns in the table's order.
pub(crate) type Cells = Vec<Value>;

/// A table of the schema.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Table {
    pub(crate) name: String,
    pub(crate) columns: Vec<Column>,
    /// The columns of the primary key, in its order.
    pub(crate) key: Vec<usize>,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Column {
    pub(crate) name: String,
    /// Its type in SQLite.
    pub(crate) kind: String,
}

impl Column {
    /// The type that its twin has in PostgreSQL (`migrations/README.md`).
    pub(crate) fn kind_in_postgres(&self) -> &str {
        match self.kind.as_str() {
            "INTEGER" => "bigint",
            "BLOB" => "bytea",
            "TEXT" => "text",
            other => other,
        }
    }
}

impl Table {
    /// The key of a row.
    pub(crate) fn key_of(&self, row: &[Value]) -> Vec<Value> {
        self.key.iter().filter_map(|index| row.get(*index).cloned()).collect()
    }

    /// At most so many rows by key, in either dialect: those after a key, whose columns are the
    /// parameters, or the first ones. Both engines sort texts by code point.
    pub(crate) fn page(&self, after: bool, rows: usize) -> String {
        let (columns, key) = (self.column_names(), self.key_names(""));
        let places: Vec<_> = (1..=self.key.len()).map(|place| format!("${place}")).collect();
        let after =
            if after { format!("WHERE ({key}) > ({})", places.join(", ")) } else { String::new() };
        format!("SELECT {columns} FROM {} {after} ORDER BY {key} LIMIT {rows}", quoted(&self.name))
    }

    /// How many rows there are.
    pub(crate) fn count(&self) -> String {
        format!("SELECT COUNT(*) FROM {}", quoted(&self.name))
    }

    /// The greatest key.
    pub(crate) fn last_key(&self) -> String {
        let (key, name) = (self.key_names(""), quoted(&self.name));
        format!("SELECT {key} FROM {name} ORDER BY {} LIMIT 1", self.key_names(" DESC"))
    }

    /// Inserts any number of rows in PostgreSQL; its parameters are arrays, one for each column.
    pub(crate) fn insert(&self) -> String {
        let arrays = self.columns.iter().zip(1..);
        let arrays: Vec<_> = arrays
            .map(|(column, place)| format!("${place}::{}[]", column.kind_in_postgres()))
            .collect();
        let (columns, name) = (self.column_names(), quoted(&self.name));
        format!("INSERT INTO {name} ({columns}) SELECT * FROM UNNEST({})", arrays.join(", "))
    }

    fn column_names(&self) -> String {
        let names: Vec<_> = self.columns.iter().map(|column| quoted(&column.name)).collect();
        names.join(", ")
    }

    fn key_names(&self, direction: &str) -> String {
        let columns = self.key.iter().filter_map(|index| self.columns.get(*index));
        let names: Vec<_> =
            columns.map(|column| format!("{}{direction}", quoted(&column.name))).collect();
        names.join(", ")
    }
}

/// A name as both dialects read it whatever it is.
pub(crate) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// What two tables with the same rows have in common, and with others have not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sum {
    pub(crate) rows: u64,
    digest: Vec<u8>,
}

impl fmt::Display for Sum {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} {}", self.rows, HEXLOWER.encode(&self.digest))
    }
}

/// SHA-256 over all rows in the order of their keys. Each cell is written with its type and length,
/// so that no two tables read alike.
pub(crate) struct Summing {
    context: Context,
    rows: u64,
}

impl Default for Summing {
    fn default() -> Self {
        Self { context: Context::new(&SHA256), rows: 0 }
    }
}

impl Summing {
    pub(crate) fn add(&mut self, rows: &[Cells]) {
        self.rows += rows.len() as u64;
        for cell in rows.iter().flatten() {
            match cell {
                Value::Null => self.context.update(b"n"),
                Value::Integer(value) => self.sized(b"i", &value.to_be_bytes()),
                Value::Text(text) => self.sized(b"t", text.as_bytes()),
                Value::Blob(bytes) => self.sized(b"b", bytes),
                Value::List(texts) => self.sized(b"l", texts.concat().as_bytes()),
            }
        }
    }

    fn sized(&mut self, kind: &[u8], bytes: &[u8]) {
        self.context.update(kind);
        self.context.update(&(bytes.len() as u64).to_be_bytes());
        self.context.update(bytes);
    }

    pub(crate) fn rows(&self) -> u64 {
        self.rows
    }

    pub(crate) fn finish(self) -> Sum {
        Sum { rows: self.rows, digest: self.context.finish().as_ref().to_vec() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statement::values;

    fn sum(rows: &[Vec<Value>]) -> Sum {
        let mut summing = Summing::default();
        summing.add(rows);
        summing.finish()
    }

    #[test]
    fn other_rows_have_another_sum() {
        let none = None::<i64>;
        let tables = [
            vec![],
            vec![values!["ab", "c"]],
            vec![values!["a", "bc"]],
            vec![values!["ab"], values!["c"], values![none]],
            vec![values!["ab", none]],
            vec![values!["ab", ""]],
            vec![values!["ab", 0]],
            vec![vec![Value::Text("ab".into()), Value::Blob(Vec::new())]],
            vec![values!["c", "ab"]],
        ];
        for (i, table) in tables.iter().enumerate() {
            for (j, other) in tables.iter().enumerate() {
                assert_eq!(sum(table) == sum(other), i == j, "{i} {j}");
            }
        }
    }
}
