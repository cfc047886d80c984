//! Random JSON, and texts of letters that something treats in a way of its own.

use bolero::TypeGenerator;
use serde_json::{Map, Value, json};

/// Letters that mean something to a parser, a database or a Unicode table.
const ODD: [char; 48] = [
    'a', 'A', 'b', 'z', 'i', 's', '0', '1', '6', '9', '%', '_', '\\', '"', '\'', ',', ';', ':',
    '/', '.', '@', '+', '-', '=', '*', '?', '&', '#', ' ', '\t', '\r', '\n', '\0', '[', ']', '{',
    '}', '<', 'ß', 'İ', 'Σ', '\u{307}', '\u{fdfa}', '\u{200d}', '\u{202e}', '\u{a0}', '\u{ffff}',
    '😀',
];

/// A text of odd letters, one for each byte.
pub(crate) fn odd(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| ODD[usize::from(*byte) % ODD.len()]).collect()
}

/// A JSON value a few levels deep.
#[derive(Clone, Debug, TypeGenerator)]
pub(crate) enum Json {
    Null,
    Flag(bool),
    Whole(i64),
    Small(u8),
    Real(f64),
    Text(String),
    Odd(Vec<u8>),
    List(Box<[Option<Json>; 3]>),
    Object(Box<[Option<(String, Json)>; 3]>),
}

impl Json {
    pub(crate) fn value(&self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Flag(flag) => json!(flag),
            Self::Whole(number) => json!(number),
            Self::Small(number) => json!(number),
            Self::Real(number) => json!(number),
            Self::Text(text) => json!(text),
            Self::Odd(bytes) => json!(odd(bytes)),
            Self::List(entries) => entries.iter().flatten().map(Self::value).collect(),
            Self::Object(members) => {
                let members = members.iter().flatten();
                let members = members.map(|(name, value)| (name.clone(), value.value()));
                Value::Object(members.collect::<Map<_, _>>())
            }
        }
    }
}
