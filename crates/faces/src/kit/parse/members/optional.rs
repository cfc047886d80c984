//! Members that may be left out. `null` counts as left out, unless a reader says otherwise.

use super::{Flaw, Members, Name, chosen, schema, sized, sized_secret};
use poolkeeper_pool::crypto::secret::Secret;
use serde_json::Value;
use std::collections::BTreeMap;
use std::ops::RangeInclusive;

impl Members {
    /// A secret text of so many characters that may be left out. It is taken out of the object.
    pub(crate) fn optional_secret(
        &mut self,
        name: Name,
        length: RangeInclusive<usize>,
    ) -> Option<Secret> {
        self.note(name, false, || schema::or_null(schema::secret(&length)));
        let text = match self.given(name)? {
            Value::String(text) => sized_secret(text, &length),
            _ => Err(Flaw::WrongType),
        };
        self.sound(name, Some(text))
    }

    /// A text of so many characters, spaces around it not counted, that may be left out.
    pub(crate) fn optional_trimmed(
        &mut self,
        name: Name,
        length: RangeInclusive<usize>,
    ) -> Option<String> {
        self.note(name, false, || schema::or_null(schema::trimmed(&length)));
        let text = match self.given(name)?.as_str() {
            Some(text) => sized(text.trim(), &length).map(str::to_owned),
            None => Err(Flaw::WrongType),
        };
        self.sound(name, Some(text))
    }

    /// One of the texts there are, as what it stands for, that may be left out.
    pub(crate) fn optional_one_of<T: Copy>(
        &mut self,
        name: Name,
        choices: &[(&str, T)],
    ) -> Option<T> {
        self.note(name, false, || {
            schema::or_null(schema::one_of(choices.iter().map(|(text, _)| *text)))
        });
        let chosen = match self.given(name)?.as_str() {
            Some(text) => chosen(text, choices),
            None => Err(Flaw::WrongType),
        };
        self.sound(name, Some(chosen))
    }

    /// A text of so many characters that may be left out, in which `null` is told from nothing:
    /// `Some(None)` takes away what there is.
    #[expect(clippy::option_option, reason = "nothing, null and a text are three things")]
    pub(crate) fn nullable_text(
        &mut self,
        name: Name,
        length: RangeInclusive<usize>,
    ) -> Option<Option<String>> {
        self.note(name, false, || schema::or_null(schema::text(&length)));
        let text = match self.find(name)? {
            Value::Null => return Some(None),
            Value::String(text) => sized(text, &length).map(str::to_owned),
            _ => Err(Flaw::WrongType),
        };
        self.sound(name, Some(text)).map(Some)
    }

    /// Texts, so many of them, of so many characters each, that may be left out.
    pub(crate) fn optional_texts(
        &mut self,
        name: Name,
        count: RangeInclusive<usize>,
        length: RangeInclusive<usize>,
    ) -> Option<Vec<String>> {
        self.note(name, false, || schema::or_null(schema::texts(&count, &length)));
        let value = self.given(name)?.clone();
        Some(self.listed(name, value, &count, &length))
    }

    /// Texts by name, so many of them, of so many characters each, that may be left out. Names are
    /// for the caller to judge.
    pub(crate) fn optional_map(
        &mut self,
        name: Name,
        count: RangeInclusive<usize>,
        length: RangeInclusive<usize>,
    ) -> Option<BTreeMap<String, String>> {
        self.note(name, false, || schema::or_null(schema::map(&count, &length)));
        let value = self.given(name)?.clone();
        let map = serde_json::from_value::<BTreeMap<String, String>>(value).ok();
        let map = self.of_type(name, map)?;
        self.measure(name, map.len(), &count);
        self.measure_all(name, map.values(), &length);
        Some(map)
    }

    /// A whole number in a range that may be left out.
    pub(crate) fn optional_number(
        &mut self,
        name: Name,
        range: RangeInclusive<usize>,
    ) -> Option<usize> {
        self.note(name, false, || schema::or_null(schema::number(&range)));
        let number = self.given(name)?.as_u64().and_then(|number| usize::try_from(number).ok());
        let number = self.of_type(name, number)?;
        self.measure(name, number, &range);
        Some(number)
    }

    /// A flag that is off when left out.
    pub(crate) fn flag(&mut self, name: Name) -> bool {
        self.optional_flag(name).unwrap_or_default()
    }

    /// A flag that may be left out.
    pub(crate) fn optional_flag(&mut self, name: Name) -> Option<bool> {
        self.note(name, false, || schema::or_null(schema::flag()));
        let flag = self.given(name)?.as_bool();
        self.of_type(name, flag)
    }

    /// A whole number in this range that may be left out. It is too short below the range, and too
    /// long above it.
    pub(crate) fn optional_integer(
        &mut self,
        name: Name,
        range: &RangeInclusive<i64>,
    ) -> Option<i64> {
        self.note(name, false, || schema::or_null(schema::integer(range)));
        let number = whole(self.given(name)?);
        let number = self.of_type(name, number)?;
        let flaw = match number {
            number if number < i128::from(*range.start()) => Some(Flaw::TooShort),
            number if number > i128::from(*range.end()) => {
                Some(Flaw::TooLong(usize::try_from(*range.end()).unwrap_or(usize::MAX)))
            }
            _ => None,
        };
        if let Some(flaw) = flaw {
            self.reject(name, flaw);
        }
        i64::try_from(number).ok()
    }

    /// The value, unless it is left out.
    fn given(&mut self, name: Name) -> Option<&mut Value> {
        self.find(name).filter(|value| !value.is_null())
    }

    /// What was read, if it could be read as what it should be.
    fn of_type<T>(&mut self, name: Name, read: Option<T>) -> Option<T> {
        if read.is_none() {
            self.reject(name, Flaw::WrongType);
        }
        read
    }
}

/// The value of a whole number, however it is written: `2.0` is one, too.
#[expect(clippy::cast_possible_truncation, reason = "it has no fraction, and the cast saturates")]
fn whole(value: &Value) -> Option<i128> {
    let whole = value.as_i64().map(i128::from).or_else(|| value.as_u64().map(i128::from));
    let written = || value.as_f64().filter(|number| number.fract() == 0.0);
    whole.or_else(|| written().map(|number| number as i128))
}
