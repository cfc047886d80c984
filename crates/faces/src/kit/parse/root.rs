use crate::kit::BodyFlaw;
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use std::fmt;

/// What a JSON text is at its outermost.
pub(in crate::kit) enum Root {
    /// An object: its members, and the names of those that come more than once.
    Object {
        values: Map<String, Value>,
        repeated: Vec<String>,
    },
    Null,
    Other,
}

pub(in crate::kit) fn parse(text: &str) -> Result<Root, BodyFlaw> {
    serde_json::from_str(text).map_err(|error| malformed(text, &error))
}

impl<'de> Deserialize<'de> for Root {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RootVisitor)
    }
}

struct RootVisitor;

impl<'de> Visitor<'de> for RootVisitor {
    type Value = Root;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Root, A::Error> {
        let (mut values, mut repeated) = (Map::new(), Vec::new());
        while let Some((name, value)) = map.next_entry::<String, Value>()? {
            if values.insert(name.clone(), value).is_some() {
                repeated.push(name);
            }
        }
        Ok(Root::Object { values, repeated })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Root, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Root::Other)
    }

    fn visit_unit<E>(self) -> Result<Root, E> {
        Ok(Root::Null)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Root, E> {
        Ok(Root::Other)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Root, E> {
        Ok(Root::Other)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Root, E> {
        Ok(Root::Other)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Root, E> {
        Ok(Root::Other)
    }

    fn visit_str<E>(self, _: &str) -> Result<Root, E> {
        Ok(Root::Other)
    }
}

fn malformed(text: &str, error: &serde_json::Error) -> BodyFlaw {
    let message = error.to_string();
    if message.starts_with("recursion limit exceeded") {
        return BodyFlaw::TooDeep;
    }
    let lines = text.split_inclusive('\n').take(error.line().saturating_sub(1));
    // The column of the first character that is wrong, counted from one; at the end of the text
    // that of the last there is.
    let fine = if error.is_eof() { error.column() } else { error.column().saturating_sub(1) };
    let offset = lines.map(str::len).sum::<usize>() + fine;
    let before = text.as_bytes().get(..offset).unwrap_or(text.as_bytes());
    let position = String::from_utf8_lossy(before).chars().count();
    let reason = message.split(" at line ").next().unwrap_or_default().to_owned();
    BodyFlaw::Malformed { position, reason }
}
