//! Values on their way in and out.

use crate::rows::{Cell, Columns};
use crate::statement::Value;
use bytes::BytesMut;
use std::borrow::Cow;
use std::error::Error;
use tokio_postgres::Row;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};

type Outcome<T> = Result<T, Box<dyn Error + Sync + Send>>;

impl ToSql for Value {
    fn to_sql(&self, kind: &Type, out: &mut BytesMut) -> Outcome<IsNull> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Integer(value) => value.to_sql(kind, out),
            Self::Text(value) => without_nul(value).as_ref().to_sql(kind, out),
            Self::Blob(value) => value.as_slice().to_sql(kind, out),
            Self::List(texts) => {
                texts.iter().map(|text| without_nul(text)).collect::<Vec<_>>().to_sql(kind, out)
            }
        }
    }

    fn accepts(kind: &Type) -> bool {
        is_known(kind) || *kind == Type::TEXT_ARRAY
    }

    to_sql_checked!();
}

impl<'a> FromSql<'a> for Cell<'a> {
    fn from_sql(kind: &Type, raw: &'a [u8]) -> Outcome<Self> {
        Ok(match *kind {
            Type::INT8 => Self::Integer(i64::from_sql(kind, raw)?),
            Type::BYTEA => Self::Blob(raw),
            _ => Self::Text(with_nul(<&str>::from_sql(kind, raw)?)),
        })
    }

    fn from_sql_null(_: &Type) -> Outcome<Self> {
        Ok(Self::Null)
    }

    fn accepts(kind: &Type) -> bool {
        is_known(kind)
    }
}

pub(super) fn is_known(kind: &Type) -> bool {
    matches!(*kind, Type::INT8 | Type::TEXT | Type::BYTEA)
}

impl Columns for Row {
    fn cell(&self, index: usize) -> Option<Cell<'_>> {
        self.try_get(index).ok()
    }
}

/// PostgreSQL's texts cannot hold U+0000, ours can: anybody may send one in a name to look up. It is
/// written as U+0001 U+0001, and U+0001 as U+0001 U+0002. Equal texts stay equal, and the order of
/// texts stays what it was.
fn without_nul(text: &str) -> Cow<'_, str> {
    if !text.contains(['\0', '\u{1}']) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.replace('\u{1}', "\u{1}\u{2}").replace('\0', "\u{1}\u{1}"))
}

fn with_nul(text: &str) -> Cow<'_, str> {
    if !text.contains('\u{1}') {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.replace("\u{1}\u{1}", "\0").replace("\u{1}\u{2}", "\u{1}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_come_back_in_the_order_they_had() {
        let letters = ["", "\0", "\u{1}", "\u{2}", "a"];
        let texts = || {
            let pairs = letters.iter().flat_map(|a| letters.iter().map(move |b| format!("{a}{b}")));
            pairs.flat_map(|start| letters.iter().map(move |end| format!("{start}{end}")))
        };
        for text in texts() {
            let written = without_nul(&text);
            assert!(!written.contains('\0'));
            assert_eq!(with_nul(&written), text);
            for other in texts() {
                assert_eq!(
                    without_nul(&other).cmp(&written),
                    other.cmp(&text),
                    "{other:?} {text:?}"
                );
            }
        }
    }
}
