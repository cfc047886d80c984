//! Descriptions of what a request may hold.

use std::sync::OnceLock;

use regex::Regex;

/// A shape of the service model.
#[derive(Debug)]
pub struct Shape {
    /// Its name in the model.
    pub name: &'static str,
    /// Whether messages leave its value out.
    pub sensitive: bool,
    /// What it is.
    pub kind: Kind,
}

/// What a shape is.
#[derive(Debug)]
pub enum Kind {
    /// An object with known members.
    Structure(&'static [Member]),
    /// An array.
    List {
        /// What its entries are.
        member: &'static Shape,
        /// How many there may be.
        length: Length,
    },
    /// An object with free keys.
    Map {
        /// What its keys are.
        key: &'static Shape,
        /// What its values are.
        value: &'static Shape,
        /// How many there may be.
        length: Length,
    },
    /// A string.
    String {
        /// How many UTF-16 code units it may have.
        length: Length,
        /// What it has to match as a whole.
        pattern: Option<&'static Pattern>,
        /// The values it may have; empty where it may have any.
        values: &'static [&'static str],
    },
    /// A whole number of 32 bits.
    Integer(Range),
    /// A whole number of 64 bits.
    Long(Range),
    /// A boolean.
    Boolean,
    /// A number of seconds since 1970.
    Timestamp,
    /// Bytes in base64, with how many there may be.
    Blob(Length),
    /// Any JSON.
    Document,
}

/// A member of a structure.
#[derive(Debug)]
pub struct Member {
    /// Its name on the wire.
    pub name: &'static str,
    /// Whether it has to be there.
    pub required: bool,
    /// What it is.
    pub shape: &'static Shape,
}

/// Bounds of a length, both inclusive.
#[derive(Debug, Clone, Copy)]
pub struct Length {
    /// The least.
    pub min: Option<usize>,
    /// The most.
    pub max: Option<usize>,
}

/// Bounds of a value, both inclusive.
#[derive(Debug, Clone, Copy)]
pub struct Range {
    /// The least.
    pub min: Option<i64>,
    /// The most.
    pub max: Option<i64>,
}

/// A pattern that a string has to match as a whole.
#[derive(Debug)]
pub struct Pattern {
    /// As messages quote it.
    pub text: &'static str,
    /// As it is matched here, anchored.
    regex: &'static str,
    compiled: OnceLock<Option<Regex>>,
}

impl Pattern {
    pub(crate) const fn new(text: &'static str, regex: &'static str) -> Self {
        Self { text, regex, compiled: OnceLock::new() }
    }

    /// Whether the value matches. A pattern is compiled when it is first needed.
    pub fn matches(&self, value: &str) -> bool {
        // A test compiles every pattern; were one broken all the same, it would match nothing.
        self.compiled().is_some_and(|regex| regex.is_match(value))
    }

    pub(crate) fn compiled(&self) -> Option<&Regex> {
        self.compiled.get_or_init(|| Regex::new(self.regex).ok()).as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generated::shapes::{self, PATTERNS};

    fn matches(shape: &Shape, value: &str) -> bool {
        let Kind::String { pattern: Some(pattern), .. } = &shape.kind else {
            panic!("{} has no pattern", shape.name)
        };
        pattern.matches(value)
    }

    #[test]
    fn every_pattern_compiles() {
        assert!(PATTERNS.len() > 30);
        for pattern in PATTERNS {
            assert!(pattern.compiled().is_some(), "{}", pattern.text);
        }
    }

    #[test]
    fn classes_are_those_of_java() {
        assert!(matches(&shapes::CLIENT_ID_TYPE, "abc+_9"));
        // Neither a letter nor a digit beyond ASCII is a word character in Java.
        assert!(!matches(&shapes::CLIENT_ID_TYPE, "é"));
        assert!(!matches(&shapes::CLIENT_ID_TYPE, "٣"));
        assert!(!matches(&shapes::CLIENT_ID_TYPE, "abc\n"));
        assert!(matches(&shapes::USERNAME_TYPE, "Zoë@😀"));
        assert!(!matches(&shapes::USERNAME_TYPE, "a b"));
        // A no-break space is not white space in Java.
        assert!(matches(&shapes::CONFIRMATION_CODE_TYPE, "1\u{a0}2"));
        assert!(!matches(&shapes::CONFIRMATION_CODE_TYPE, "1 2"));
        assert!(matches(&shapes::TOKEN_MODEL_TYPE, "aA-_=.9"));
        assert!(!matches(&shapes::TOKEN_MODEL_TYPE, "a/b"));
        assert!(matches(&shapes::SMS_VERIFICATION_MESSAGE_TYPE, "code {####}!"));
        assert!(!matches(&shapes::SMS_VERIFICATION_MESSAGE_TYPE, "code\n{####}"));
        assert!(matches(&shapes::SMS_INVITE_MESSAGE_TYPE, "a\nb"));
    }

    #[test]
    fn overrides() {
        assert!(matches(&shapes::PASSWORD_TYPE, "correct horse"));
        assert!(!matches(&shapes::PASSWORD_TYPE, " horse"));
        assert!(!matches(&shapes::PASSWORD_TYPE, "horse "));
        assert!(matches(&shapes::DOMAIN_TYPE, "my-prefix"));
        assert!(matches(&shapes::DOMAIN_TYPE, "auth.example.com"));
        for bad in ["-a", "a-", "a..b", ".a", "a.", "A"] {
            assert!(!matches(&shapes::DOMAIN_TYPE, bad), "{bad}");
        }
    }
}
