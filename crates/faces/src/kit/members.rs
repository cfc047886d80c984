use super::BodyFlaw;
use super::root::{self, Root};
use poolkeeper_pool::secret::Secret;
use serde_json::{Map, Value};
use std::mem;
use std::ops::RangeInclusive;

/// The name of a member, and another under which some clients send it.
#[derive(Clone, Copy)]
pub(crate) struct Name {
    own: &'static str,
    alias: Option<&'static str>,
}

impl Name {
    pub(crate) const fn new(own: &'static str) -> Self {
        Self { own, alias: None }
    }

    pub(crate) const fn or(self, alias: &'static str) -> Self {
        Self { alias: Some(alias), ..self }
    }
}

/// What is wrong with a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flaw {
    Missing,
    Repeated,
    WrongType,
    TooShort,
    TooLong,
    /// Of the right type, but none of the values there are.
    Unknown,
}

/// The members of a JSON object that are being read. Problems are collected, so that a client
/// hears of all of them at once.
#[derive(Default)]
pub(crate) struct Members {
    values: Map<String, Value>,
    repeated: Vec<String>,
    flaws: Vec<(&'static str, Flaw)>,
}

/// An object that cannot be used.
pub(crate) struct Rejected {
    /// Which members are wrong, in the order in which they were read.
    pub(crate) flaws: Vec<(&'static str, Flaw)>,
    /// The members. Those read as secrets are gone.
    pub(crate) values: Map<String, Value>,
}

impl Members {
    pub(crate) fn parse(text: &str) -> Result<Self, BodyFlaw> {
        match root::parse(text)? {
            Root::Object { values, repeated } => Ok(Self { values, repeated, flaws: Vec::new() }),
            Root::Null => Err(BodyFlaw::Null),
            Root::Other => Err(BodyFlaw::NotAnObject),
        }
    }

    /// Members that come twice count with their last value, as in most parsers, instead of being
    /// refused.
    #[must_use]
    pub(crate) fn last_wins(mut self) -> Self {
        self.repeated.clear();
        self
    }

    /// Reads what `read` takes. It runs to its end even if members are wrong; what it made of
    /// them then is thrown away.
    pub(crate) fn read<T>(mut self, read: impl FnOnce(&mut Self) -> T) -> Result<T, Rejected> {
        let result = read(&mut self);
        if self.flaws.is_empty() {
            return Ok(result);
        }
        Err(Rejected { flaws: self.flaws, values: self.values })
    }

    /// A text of so many characters.
    pub(crate) fn text(&mut self, name: Name, length: RangeInclusive<usize>) -> String {
        let text = self.required(name).map(|text| text.clone());
        self.measured(name, text.unwrap_or_default(), length)
    }

    /// A text of so many characters, spaces around it not counted.
    pub(crate) fn trimmed(&mut self, name: Name, length: RangeInclusive<usize>) -> String {
        let text = self.required(name).map(|text| text.trim().to_owned());
        self.measured(name, text.unwrap_or_default(), length)
    }

    /// A secret text of so many characters. It is taken out of the object.
    pub(crate) fn secret(&mut self, name: Name, length: RangeInclusive<usize>) -> Secret {
        let text = self.required(name).map(mem::take);
        Secret::new(self.measured(name, text.unwrap_or_default(), length))
    }

    /// A secret text that may be left out.
    pub(crate) fn optional_secret(&mut self, name: Name) -> Option<Secret> {
        match self.find(name)? {
            Value::Null => None,
            Value::String(text) => Some(Secret::new(mem::take(text))),
            _ => {
                self.reject(name, Flaw::WrongType);
                None
            }
        }
    }

    /// A flag that is off when left out.
    pub(crate) fn flag(&mut self, name: Name) -> bool {
        match self.find(name) {
            None | Some(Value::Null) => false,
            Some(Value::Bool(flag)) => *flag,
            Some(_) => {
                self.reject(name, Flaw::WrongType);
                false
            }
        }
    }

    /// Notes a problem, unless one is known of this member already.
    pub(crate) fn reject(&mut self, name: Name, flaw: Flaw) {
        if !self.is_rejected(name) {
            self.flaws.push((name.own, flaw));
        }
    }

    fn is_rejected(&self, name: Name) -> bool {
        self.flaws.iter().any(|(rejected, _)| *rejected == name.own)
    }

    fn required(&mut self, name: Name) -> Option<&mut String> {
        let flaw = match self.find(name) {
            None => Some(Flaw::Missing),
            Some(Value::String(_)) => None,
            Some(_) => Some(Flaw::WrongType),
        };
        if let Some(flaw) = flaw {
            self.reject(name, flaw);
        }
        match self.find(name) {
            Some(Value::String(text)) => Some(text),
            _ => None,
        }
    }

    /// The value under either name. One that was sent twice is a problem, whichever is meant.
    fn find(&mut self, name: Name) -> Option<&mut Value> {
        let alias = name.alias.filter(|alias| self.values.contains_key(*alias));
        let both = alias.is_some() && self.values.contains_key(name.own);
        let names = [Some(name.own), alias];
        let mut names = names.into_iter().flatten();
        if both || names.any(|name| self.repeated.iter().any(|repeated| repeated == name)) {
            self.reject(name, Flaw::Repeated);
        }
        self.values.get_mut(alias.unwrap_or(name.own))
    }

    fn measured(&mut self, name: Name, text: String, length: RangeInclusive<usize>) -> String {
        let characters = text.chars().count();
        if characters < *length.start() {
            self.reject(name, Flaw::TooShort);
        } else if characters > *length.end() {
            self.reject(name, Flaw::TooLong);
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: Name = Name::new("id").or("Id");
    const KEY: Name = Name::new("key");

    fn read(text: &str) -> Result<(String, Secret), Vec<(&'static str, Flaw)>> {
        let members = Members::parse(text).unwrap();
        let read = members.read(|m| (m.trimmed(ID, 1..=3), m.secret(KEY, 1..=3)));
        read.map_err(|rejected| rejected.flaws)
    }

    #[test]
    fn members_are_read_under_either_name() {
        let expected = || Ok(("a".to_owned(), Secret::from(" k ")));
        assert_eq!(read(r#"{"id":" a ","key":" k ","more":[{}]}"#), expected());
        assert_eq!(read(r#"{"Id":"a","key":" k "}"#), expected());
    }

    #[test]
    fn all_problems_are_told_at_once() {
        use Flaw::{Missing, Repeated, TooLong, TooShort, WrongType};
        let cases = [
            ("{}", vec![("id", Missing), ("key", Missing)]),
            (r#"{"id":1,"key":null}"#, vec![("id", WrongType), ("key", WrongType)]),
            (r#"{"id":"  ","key":"äöüß"}"#, vec![("id", TooShort), ("key", TooLong)]),
            (r#"{"id":"a","id":"b","key":"k"}"#, vec![("id", Repeated)]),
            (r#"{"id":"a","Id":"a","key":"k"}"#, vec![("id", Repeated)]),
            (r#"{"ID":"a","Key":"k"}"#, vec![("id", Missing), ("key", Missing)]),
        ];
        for (text, expected) in cases {
            assert_eq!(read(text), Err(expected), "{text}");
        }
    }

    #[test]
    fn optional_members_may_be_absent_or_null_but_not_of_another_type() {
        let read = |text| {
            let read = Members::parse(text).unwrap().read(|m| (m.flag(ID), m.optional_secret(KEY)));
            read.map_err(|rejected| rejected.flaws)
        };
        assert_eq!(read("{}"), Ok((false, None)));
        assert_eq!(read(r#"{"id":null,"key":null}"#), Ok((false, None)));
        assert_eq!(read(r#"{"id":true,"key":""}"#), Ok((true, Some(Secret::from("")))));
        let wrong = vec![("id", Flaw::WrongType), ("key", Flaw::WrongType)];
        assert_eq!(read(r#"{"id":"true","key":1}"#), Err(wrong));
    }

    #[test]
    fn what_is_no_object_is_told_apart() {
        let flaw = |text: &str| Members::parse(text).err();
        assert_eq!(flaw("null"), Some(BodyFlaw::Null));
        for other in ["[{}]", "1", "-1", "1.5", "true", r#""x""#] {
            assert_eq!(flaw(other), Some(BodyFlaw::NotAnObject), "{other}");
        }
        let reason = "trailing characters".to_owned();
        assert_eq!(flaw("{}\n ä"), Some(BodyFlaw::Malformed { position: 4, reason }));
        let deep = format!("{{\"a\":{}1{}}}", "[".repeat(500), "]".repeat(500));
        assert_eq!(flaw(&deep), Some(BodyFlaw::TooDeep));
        for bad in ["{", "{]", "{\"a\":}", "\u{feff}{}", "{\"a\":\"\\ud800\"}", "{\"a\":1e400}"] {
            assert!(matches!(flaw(bad), Some(BodyFlaw::Malformed { .. })), "{bad}");
        }
    }
}
