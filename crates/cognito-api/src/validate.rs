//! From the body of a request to its type, or to the error that the service gives.
//!
//! One walk over the JSON does three things: it drops what counts as absent, it stops at a value of
//! the wrong JSON type, and it collects every constraint that is not kept. What has passed it
//! deserialises.

use std::fmt;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::{
    Blob, OperationInput,
    shape::{Kind, Member, Shape},
};

/// The most of a value that a message repeats, in bytes. Cognito repeats all of it; a request
/// should not be able to have itself sent back whole, several times over.
const MAX_ECHO: usize = 256;

/// The most violations that a message lists; its count is the true one. Cognito lists all.
const MAX_LISTED: usize = 50;

const DISAGREEMENT: &str = "The request does not fit the operation";

/// Why a body is not a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InputError {
    /// It is not the JSON that the operation takes: a `SerializationException`.
    Serialization {
        /// The service's message.
        message: String,
    },
    /// Its values break constraints: an `InvalidParameterException`, whose message is this error's
    /// `Display`.
    Validation {
        /// The first of them, in the order in which the model declares the members.
        violations: Vec<Violation>,
        /// How many there are, listed or not.
        count: usize,
    },
}

impl InputError {
    /// The name of the exception that the service answers with.
    pub fn exception(&self) -> &'static str {
        match self {
            Self::Serialization { .. } => "SerializationException",
            Self::Validation { .. } => "InvalidParameterException",
        }
    }

    fn serialization(message: impl Into<String>) -> Self {
        Self::Serialization { message: message.into() }
    }
}

impl fmt::Display for InputError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Serialization { message } => formatter.write_str(message),
            Self::Validation { violations, count } => {
                let plural = if *count == 1 { "" } else { "s" };
                write!(formatter, "{count} validation error{plural} detected: ")?;
                for (index, violation) in violations.iter().enumerate() {
                    let separator = if index == 0 { "" } else { "; " };
                    write!(formatter, "{separator}{violation}")?;
                }
                Ok(())
            }
        }
    }
}

impl std::error::Error for InputError {}

/// A constraint that a value does not keep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    path: String,
    value: Echo,
    constraint: Constraint,
}

/// What a message says of the value.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Echo {
    /// Nothing: its shape is sensitive.
    Hidden,
    Null,
    Text(String),
}

impl Violation {
    /// Where the value is, such as `userAttributes.1.member.name`.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// What it does not keep.
    pub fn constraint(&self) -> &Constraint {
        &self.constraint
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Value ")?;
        match &self.value {
            Echo::Hidden => {}
            Echo::Null => formatter.write_str("null ")?,
            Echo::Text(text) => write!(formatter, "'{text}' ")?,
        }
        write!(formatter, "at '{}' failed to satisfy constraint: {}", self.path, self.constraint)
    }
}

/// A constraint. Its `Display` is the service's wording.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Constraint {
    /// The value has to be there.
    NotNull,
    /// A least length.
    MinLength(usize),
    /// A greatest length.
    MaxLength(usize),
    /// A least value.
    MinValue(i64),
    /// A greatest value.
    MaxValue(i64),
    /// A pattern for the whole value.
    Pattern(&'static str),
    /// A set of values.
    OneOf(&'static [&'static str]),
    /// What every entry of a list has to keep.
    Entries(Vec<Self>),
    /// What every key of a map has to keep.
    Keys(Vec<Self>),
    /// What every value of a map has to keep.
    Values(Vec<Self>),
}

impl fmt::Display for Constraint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotNull => formatter.write_str("Member must not be null"),
            Self::MinLength(min) => {
                write!(formatter, "Member must have length greater than or equal to {min}")
            }
            Self::MaxLength(max) => {
                write!(formatter, "Member must have length less than or equal to {max}")
            }
            Self::MinValue(min) => {
                write!(formatter, "Member must have value greater than or equal to {min}")
            }
            Self::MaxValue(max) => {
                write!(formatter, "Member must have value less than or equal to {max}")
            }
            Self::Pattern(pattern) => {
                write!(formatter, "Member must satisfy regular expression pattern: {pattern}")
            }
            Self::OneOf(values) => {
                write!(formatter, "Member must satisfy enum value set: [{}]", values.join(", "))
            }
            Self::Entries(all) => list(formatter, "Member must satisfy constraint", all),
            Self::Keys(all) => list(formatter, "Map keys must satisfy constraint", all),
            Self::Values(all) => list(formatter, "Map value must satisfy constraint", all),
        }
    }
}

fn list(formatter: &mut fmt::Formatter<'_>, what: &str, all: &[Constraint]) -> fmt::Result {
    write!(formatter, "{what}: [")?;
    for (index, constraint) in all.iter().enumerate() {
        let separator = if index == 0 { "" } else { ", " };
        write!(formatter, "{separator}{constraint}")?;
    }
    formatter.write_str("]")
}

/// Reads a request, its operation given by its type.
///
/// # Errors
///
/// [`InputError::Serialization`] if the body is not the JSON that the operation takes,
/// [`InputError::Validation`] if values break constraints.
pub fn parse_input<T: OperationInput>(body: &[u8]) -> Result<T, InputError> {
    parse(T::OPERATION.input(), body)
}

/// Reads a request whose shape is `input`. An empty body is an empty object.
///
/// # Errors
///
/// [`InputError::Serialization`] if the body is not the JSON that the operation takes,
/// [`InputError::Validation`] if values break constraints.
pub fn parse<T: DeserializeOwned>(input: &'static Shape, body: &[u8]) -> Result<T, InputError> {
    let mut value = if body.trim_ascii().is_empty() {
        Value::Object(Map::new())
    } else {
        // The position tells a developer where to look and, unlike the parser's own words, cannot
        // hold any of the body.
        serde_json::from_slice(body).map_err(|error| {
            InputError::serialization(format!(
                "The request body is not valid JSON at line {} column {}",
                error.line(),
                error.column()
            ))
        })?
    };
    if value.is_null() {
        value = Value::Object(Map::new());
    }

    let mut walk = Walk { violations: Vec::new(), count: 0 };
    walk.visit(input, &mut value, &Path::Root, false).map_err(InputError::serialization)?;
    if walk.count > 0 {
        return Err(InputError::Validation { violations: walk.violations, count: walk.count });
    }

    // Whatever serde still finds is a difference between the descriptors and the types, which come
    // from one model; its words could quote the value.
    serde_json::from_value(value).map_err(|_| InputError::serialization(DISAGREEMENT))
}

/// Where the walk is. Becomes text only for a violation.
enum Path<'a> {
    Root,
    Member(&'a Path<'a>, &'a str),
    Entry(&'a Path<'a>, usize),
    Value(&'a Path<'a>, &'a str),
}

impl Path<'_> {
    fn write(&self, out: &mut String) {
        let separated = |out: &mut String, parent: &Self| {
            parent.write(out);
            if !matches!(parent, Path::Root) {
                out.push('.');
            }
        };
        match self {
            Path::Root => {}
            Path::Member(parent, name) => {
                separated(out, parent);
                let mut characters = name.chars();
                out.extend(characters.next().map(|first| first.to_ascii_lowercase()));
                out.push_str(characters.as_str());
            }
            Path::Entry(parent, index) => {
                separated(out, parent);
                out.push_str(&index.to_string());
                out.push_str(".member");
            }
            Path::Value(parent, key) => {
                separated(out, parent);
                out.push_str(cut(key));
                out.push_str(".member");
            }
        }
    }
}

/// The beginning of a text that a message may repeat.
fn cut(text: &str) -> &str {
    text.get(..text.floor_char_boundary(MAX_ECHO)).unwrap_or(text)
}

struct Walk {
    violations: Vec<Violation>,
    count: usize,
}

impl Walk {
    /// Checks a value that is not null. An error is the message of a value of the wrong type.
    fn visit(
        &mut self,
        shape: &'static Shape,
        value: &mut Value,
        path: &Path<'_>,
        hidden: bool,
    ) -> Result<(), String> {
        let hidden = hidden || shape.sensitive;
        match &shape.kind {
            Kind::Structure(members) => self.structure(members, object(value)?, path, hidden),
            Kind::List { member, length } => {
                let Value::Array(entries) = &*value else { return Err(unexpected(value)) };
                let present = entries.iter().filter(|entry| !entry.is_null()).count();
                for constraint in broken_length(length.min, length.max, present) {
                    self.add(path, || echo(shape, value, hidden), constraint);
                }
                self.entries(shape, member, value, path, hidden)
            }
            Kind::Map { key, value: member, length } => {
                object(value)?.retain(|_, value| !value.is_null());
                let present = object(value)?.len();
                for constraint in broken_length(length.min, length.max, present) {
                    self.add(path, || echo(shape, value, hidden), constraint);
                }
                self.pairs(shape, key, member, value, path, hidden)
            }
            _ => {
                for constraint in broken(shape, value)? {
                    self.add(path, || echo(shape, value, hidden), constraint);
                }
                Ok(())
            }
        }
    }

    fn structure(
        &mut self,
        members: &'static [Member],
        object: &mut Map<String, Value>,
        path: &Path<'_>,
        hidden: bool,
    ) -> Result<(), String> {
        object.retain(|_, value| !value.is_null());
        for member in members {
            let path = Path::Member(path, member.name);
            match object.get_mut(member.name) {
                Some(value) => self.visit(member.shape, value, &path, hidden)?,
                None if member.required => {
                    let hidden = hidden || member.shape.sensitive;
                    let value = || if hidden { Echo::Hidden } else { Echo::Null };
                    self.add(&path, value, Constraint::NotNull);
                }
                None => {}
            }
        }
        Ok(())
    }

    /// The entries of a list, and the removal of its nulls.
    fn entries(
        &mut self,
        shape: &'static Shape,
        member: &'static Shape,
        value: &mut Value,
        path: &Path<'_>,
        hidden: bool,
    ) -> Result<(), String> {
        let Value::Array(entries) = &mut *value else { return Ok(()) };
        let mut broken_entry = false;
        for (index, entry) in entries.iter_mut().enumerate().filter(|(_, entry)| !entry.is_null()) {
            if is_scalar(member) {
                broken_entry |= !broken(member, entry)?.is_empty();
            } else {
                // The number counts nulls too: it is where the client finds the entry.
                self.visit(member, entry, &Path::Entry(path, index + 1), hidden)?;
            }
        }
        if broken_entry {
            let constraint = Constraint::Entries(all_of(member));
            self.add(path, || echo(shape, value, hidden), constraint);
        }
        if let Value::Array(entries) = value {
            entries.retain(|entry| !entry.is_null());
        }
        Ok(())
    }

    /// The keys and values of a map.
    fn pairs(
        &mut self,
        shape: &'static Shape,
        key: &'static Shape,
        member: &'static Shape,
        value: &mut Value,
        path: &Path<'_>,
        hidden: bool,
    ) -> Result<(), String> {
        let (mut broken_key, mut broken_value) = (false, false);
        for (name, value) in object(value)?.iter_mut() {
            broken_key |= !broken_string(key, name).is_empty();
            if is_scalar(member) {
                broken_value |= !broken(member, value)?.is_empty();
            } else {
                self.visit(member, value, &Path::Value(path, name), hidden)?;
            }
        }
        if broken_key {
            let constraint = Constraint::Keys(all_of(key));
            self.add(path, || echo(shape, value, hidden), constraint);
        }
        if broken_value {
            let constraint = Constraint::Values(all_of(member));
            self.add(path, || echo(shape, value, hidden), constraint);
        }
        Ok(())
    }

    fn add(&mut self, path: &Path<'_>, value: impl FnOnce() -> Echo, constraint: Constraint) {
        self.count += 1;
        if self.violations.len() < MAX_LISTED {
            let mut text = String::new();
            path.write(&mut text);
            self.violations.push(Violation { path: text, value: value(), constraint });
        }
    }
}

/// Whether messages about an entry of this shape are about the list or map that holds it.
fn is_scalar(shape: &Shape) -> bool {
    !matches!(shape.kind, Kind::Structure(_) | Kind::List { .. } | Kind::Map { .. })
}

/// The constraints that a scalar does not keep. Makes a whole number of one written as a fraction
/// and a boolean of one written as a string: the service reads both.
fn broken(shape: &'static Shape, value: &mut Value) -> Result<Vec<Constraint>, String> {
    match &shape.kind {
        Kind::String { .. } => match value {
            Value::String(text) => Ok(broken_string(shape, text)),
            _ => Err(inconvertible(value, "a String")),
        },
        Kind::Integer(range) | Kind::Long(range) => {
            let wide = matches!(shape.kind, Kind::Long(_));
            let name = if wide { "a Long" } else { "an Integer" };
            let number = whole(value)
                .filter(|number| wide || i32::try_from(*number).is_ok())
                .ok_or_else(|| inconvertible(value, name))?;
            *value = number.into();
            let least = range.min.filter(|min| number < *min).map(Constraint::MinValue);
            let most = range.max.filter(|max| number > *max).map(Constraint::MaxValue);
            Ok(least.into_iter().chain(most).collect())
        }
        Kind::Boolean => match value {
            Value::Bool(_) => Ok(Vec::new()),
            Value::String(text) => {
                let truth = text.eq_ignore_ascii_case("true");
                if !truth && !text.eq_ignore_ascii_case("false") {
                    return Err(inconvertible(value, "a Boolean"));
                }
                *value = Value::Bool(truth);
                Ok(Vec::new())
            }
            _ => Err(inconvertible(value, "a Boolean")),
        },
        Kind::Timestamp => match value {
            Value::Number(_) => Ok(Vec::new()),
            _ => Err(inconvertible(value, "a Date")),
        },
        Kind::Blob(length) => {
            let bytes = match value {
                Value::String(text) => Blob::from_base64(text),
                _ => None,
            };
            let bytes = bytes.ok_or_else(|| inconvertible(value, "a Blob"))?;
            Ok(broken_length(length.min, length.max, bytes.0.len()).collect())
        }
        Kind::Document => Ok(Vec::new()),
        Kind::Structure(_) | Kind::List { .. } | Kind::Map { .. } => Err(unexpected(value)),
    }
}

fn broken_string(shape: &Shape, text: &str) -> Vec<Constraint> {
    let Kind::String { length, pattern, values } = &shape.kind else { return Vec::new() };
    // Java measures strings in UTF-16.
    let units = text.encode_utf16().count();
    let mut broken: Vec<_> = broken_length(length.min, length.max, units).collect();
    // Of what is too long, no more is looked at than could be right.
    let most = length.max.unwrap_or(usize::MAX);
    let end = text.char_indices().nth(most).map_or(text.len(), |(end, _)| end);
    if let Some(pattern) = pattern
        && !pattern.matches(text.get(..end).unwrap_or(text))
    {
        broken.push(Constraint::Pattern(pattern.text));
    }
    if !values.is_empty() && !values.contains(&text) {
        broken.push(Constraint::OneOf(values));
    }
    broken
}

fn broken_length(
    min: Option<usize>,
    max: Option<usize>,
    length: usize,
) -> impl Iterator<Item = Constraint> {
    let least = min.filter(|min| length < *min).map(Constraint::MinLength);
    let most = max.filter(|max| length > *max).map(Constraint::MaxLength);
    least.into_iter().chain(most)
}

/// Everything a scalar has to keep, in the order of the service's lists.
fn all_of(shape: &'static Shape) -> Vec<Constraint> {
    match &shape.kind {
        Kind::String { length, pattern, values } => length
            .max
            .map(Constraint::MaxLength)
            .into_iter()
            .chain(length.min.map(Constraint::MinLength))
            .chain(pattern.map(|pattern| Constraint::Pattern(pattern.text)))
            .chain((!values.is_empty()).then_some(Constraint::OneOf(values)))
            .collect(),
        Kind::Integer(range) | Kind::Long(range) => range
            .max
            .map(Constraint::MaxValue)
            .into_iter()
            .chain(range.min.map(Constraint::MinValue))
            .collect(),
        _ => Vec::new(),
    }
}

fn whole(value: &Value) -> Option<i64> {
    let Value::Number(number) = value else { return None };
    number.as_i64().or_else(|| {
        let number = number.as_f64()?;
        #[expect(clippy::cast_possible_truncation, reason = "the bounds are checked first")]
        (number.fract() == 0.0 && number.abs() < 9e15).then_some(number as i64)
    })
}

fn object(value: &mut Value) -> Result<&mut Map<String, Value>, String> {
    match value {
        Value::Object(object) => Ok(object),
        _ => Err(unexpected(value)),
    }
}

/// The message of a value that stands where a structure, a map or a list has to.
fn unexpected(value: &Value) -> String {
    match value {
        Value::Object(_) => "Start of structure or map found where not expected.".to_owned(),
        Value::Array(_) => "Start of list found where not expected.".to_owned(),
        _ => "Unexpected field type".to_owned(),
    }
}

/// The message of a value that stands where another scalar has to.
fn inconvertible(value: &Value, name: &str) -> String {
    let token = match value {
        Value::Object(_) | Value::Array(_) => return unexpected(value),
        Value::String(_) => "STRING_VALUE",
        Value::Number(_) => "NUMBER_VALUE",
        Value::Bool(true) => "TRUE_VALUE",
        Value::Bool(false) => "FALSE_VALUE",
        Value::Null => "NULL_VALUE",
    };
    format!("{token} can not be converted to {name}")
}

/// What a message repeats of a value.
fn echo(shape: &Shape, value: &Value, hidden: bool) -> Echo {
    if hidden {
        return Echo::Hidden;
    }
    let mut out = String::new();
    render(shape, value, &mut out);
    if out.len() > MAX_ECHO {
        out.truncate(out.floor_char_boundary(MAX_ECHO));
        out.push_str("...");
    }
    Echo::Text(out)
}

/// Writes a value the way Java's collections write themselves. Stops when there is enough of it.
fn render(shape: &Shape, value: &Value, out: &mut String) {
    if shape.sensitive {
        out.push_str("***");
        return;
    }
    match (&shape.kind, value) {
        (Kind::List { member, .. }, Value::Array(entries)) => {
            out.push('[');
            for (index, entry) in entries.iter().filter(|entry| !entry.is_null()).enumerate() {
                if out.len() > MAX_ECHO {
                    return;
                }
                if index > 0 {
                    out.push_str(", ");
                }
                render(member, entry, out);
            }
            out.push(']');
        }
        (Kind::Map { key, value: member, .. }, Value::Object(pairs)) => {
            out.push('{');
            for (index, (name, value)) in pairs.iter().enumerate() {
                if out.len() > MAX_ECHO {
                    return;
                }
                if index > 0 {
                    out.push_str(", ");
                }
                out.push_str(if key.sensitive { "***" } else { cut(name) });
                out.push('=');
                render(member, value, out);
            }
            out.push('}');
        }
        // The service shows an object's class and address; its class is all there is to it.
        (Kind::Structure(_) | Kind::Document, _) => out.push_str(shape.name),
        (Kind::Blob(_), Value::String(text)) => {
            let size = Blob::from_base64(text).unwrap_or_default().0.len().to_string();
            for part in ["java.nio.HeapByteBuffer[pos=0 lim=", &size, " cap=", &size, "]"] {
                out.push_str(part);
            }
        }
        (_, Value::String(text)) => {
            // One more than is shown, so that the cut shows too.
            out.push_str(text.get(..text.floor_char_boundary(MAX_ECHO + 4)).unwrap_or(text));
        }
        (_, Value::Number(number)) => out.push_str(&number.to_string()),
        (_, Value::Bool(truth)) => out.push_str(&truth.to_string()),
        _ => {}
    }
}

#[cfg(test)]
mod tests;
