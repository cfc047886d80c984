mod optional;
mod schema;

#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod tests;

use super::flaw::BodyFlaw;
use super::root::{self, Root};
use crate::kit::most;
use poolkeeper_pool::crypto::secret::Secret;
use serde_json::{Map, Value};
use std::mem;
use std::ops::RangeInclusive;

/// The name of a member, another under which some clients send it, and what documents say of it.
#[derive(Clone, Copy)]
pub(crate) struct Name {
    own: &'static str,
    alias: Option<&'static str>,
    about: &'static str,
    example: Option<&'static str>,
}

impl Name {
    pub(crate) const fn new(own: &'static str) -> Self {
        Self { own, alias: None, about: "", example: None }
    }

    pub(crate) const fn or(self, alias: &'static str) -> Self {
        Self { alias: Some(alias), ..self }
    }

    /// What the member means: a sentence.
    pub(crate) const fn about(self, about: &'static str) -> Self {
        Self { about, ..self }
    }

    /// What its text may look like.
    pub(crate) const fn like(self, example: &'static str) -> Self {
        Self { example: Some(example), ..self }
    }
}

/// What is wrong with a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flaw {
    Missing,
    Repeated,
    WrongType,
    TooShort,
    /// It may have no more characters or entries than this, or be no larger.
    TooLong(usize),
    /// Of the right type, but none of the values there are.
    Unknown,
}

/// The members of a JSON object that are being read. Problems are collected, so that a client
/// hears of all of them at once.
///
/// What reads them also describes them: [`Members::schema`] lets it run once over nothing and
/// notes what it asks for. So it must ask for every member, whatever the others are.
#[derive(Default)]
pub(crate) struct Members {
    values: Map<String, Value>,
    repeated: Vec<String>,
    flaws: Vec<(&'static str, Flaw)>,
    notes: Option<schema::Notes>,
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
            Root::Object { values, repeated } => Ok(Self { values, repeated, ..Self::default() }),
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
        self.note(name, true, || schema::text(&length));
        let text = self.required(name).map(|text| sized(text, &length).map(str::to_owned));
        self.sound(name, text).unwrap_or_default()
    }

    /// A text of so many characters, spaces around it not counted.
    pub(crate) fn trimmed(&mut self, name: Name, length: RangeInclusive<usize>) -> String {
        self.note(name, true, || schema::trimmed(&length));
        let text = self.required(name).map(|text| sized(text.trim(), &length).map(str::to_owned));
        self.sound(name, text).unwrap_or_default()
    }

    /// A secret text of so many characters. It is taken out of the object.
    pub(crate) fn secret(&mut self, name: Name, length: RangeInclusive<usize>) -> Secret {
        self.note(name, true, || schema::secret(&length));
        let text = self.required(name).map(|text| sized_secret(text, &length));
        self.sound(name, text).unwrap_or_else(|| Secret::from(""))
    }

    /// A code of so many characters, spaces around it not counted: they come along when people copy
    /// it. It is taken out of the object.
    pub(crate) fn code(&mut self, name: Name, length: RangeInclusive<usize>) -> Secret {
        self.note(name, true, || schema::code(&length));
        let code = self.required(name).map(|text| {
            let sent = Secret::new(mem::take(text));
            sized(sent.expose().trim(), &length).map(Secret::new)
        });
        self.sound(name, code).unwrap_or_else(|| Secret::from(""))
    }

    /// One of the texts there are, as what it stands for.
    pub(crate) fn one_of<T: Copy>(&mut self, name: Name, choices: &[(&str, T)]) -> Option<T> {
        self.note(name, true, || schema::one_of(choices.iter().map(|(text, _)| *text)));
        let chosen = self.required(name).map(|text| chosen(text, choices))?;
        self.sound(name, Some(chosen))
    }

    /// Texts, so many of them, of so many characters each.
    pub(crate) fn texts(
        &mut self,
        name: Name,
        count: RangeInclusive<usize>,
        length: RangeInclusive<usize>,
    ) -> Vec<String> {
        self.note(name, true, || schema::texts(&count, &length));
        match self.find(name).cloned() {
            None => self.reject(name, Flaw::Missing),
            Some(value) => return self.listed(name, value, &count, &length),
        }
        Vec::new()
    }

    /// Notes a problem, unless one is known of this member already.
    pub(crate) fn reject(&mut self, name: Name, flaw: Flaw) {
        if !self.is_rejected(name) {
            self.flaws.push((name.own, flaw));
        }
    }

    /// What was read. What is wrong with it is noted instead.
    fn sound<T>(&mut self, name: Name, read: Option<Result<T, Flaw>>) -> Option<T> {
        match read? {
            Ok(read) => Some(read),
            Err(flaw) => {
                self.reject(name, flaw);
                None
            }
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

    fn measure(&mut self, name: Name, size: usize, allowed: &RangeInclusive<usize>) {
        if size < *allowed.start() {
            self.reject(name, Flaw::TooShort);
        } else if size > *allowed.end() {
            self.reject(name, Flaw::TooLong(*allowed.end()));
        }
    }

    /// The texts of a list. It is too short or too long if it or one of them is.
    fn listed(
        &mut self,
        name: Name,
        value: Value,
        count: &RangeInclusive<usize>,
        length: &RangeInclusive<usize>,
    ) -> Vec<String> {
        let Ok(texts) = serde_json::from_value::<Vec<String>>(value) else {
            self.reject(name, Flaw::WrongType);
            return Vec::new();
        };
        self.measure(name, texts.len(), count);
        self.measure_all(name, texts.iter(), length);
        texts
    }

    fn measure_all<'a>(
        &mut self,
        name: Name,
        texts: impl Iterator<Item = &'a String>,
        length: &RangeInclusive<usize>,
    ) {
        for text in texts {
            self.sound(name, Some(sized(text, length)));
        }
    }
}

/// The text, if it has so many characters. What is too long is not looked at to its end, nor
/// copied.
fn sized<'a>(text: &'a str, length: &RangeInclusive<usize>) -> Result<&'a str, Flaw> {
    let most = most::TEXT.min(*length.end());
    if text.chars().nth(most).is_some() {
        Err(Flaw::TooLong(most))
    } else if text.chars().take(*length.start()).count() < *length.start() {
        Err(Flaw::TooShort)
    } else {
        Ok(text)
    }
}

/// The same of a secret, which is taken out of the object however long it is.
fn sized_secret(text: &mut String, length: &RangeInclusive<usize>) -> Result<Secret, Flaw> {
    let text = mem::take(text);
    sized(&text, length)?;
    Ok(Secret::new(text))
}

/// What a text stands for.
fn chosen<T: Copy>(text: &str, choices: &[(&str, T)]) -> Result<T, Flaw> {
    let chosen = choices.iter().find(|(choice, _)| *choice == text);
    chosen.map(|(_, choice)| *choice).ok_or(Flaw::Unknown)
}
