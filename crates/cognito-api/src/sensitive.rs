//! Strings that must not reach a log.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use zeroize::Zeroizing;

/// A string that the service calls sensitive: a password, a token, a username, an attribute.
///
/// It shows nothing of itself in `Debug` and zeroes its own memory when dropped. Copies that were
/// made of it elsewhere, the request body above all, are their owner's business. On the wire it is
/// a plain string.
#[derive(Clone, Default)]
pub struct Sensitive(Zeroizing<String>);

impl Sensitive {
    /// Wraps a value.
    pub fn new(value: impl Into<String>) -> Self {
        Self(Zeroizing::new(value.into()))
    }

    /// The value itself.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The value itself, from here on the caller's to look after.
    pub fn into_exposed(mut self) -> String {
        std::mem::take(&mut *self.0)
    }
}

impl From<String> for Sensitive {
    fn from(value: String) -> Self {
        Self::new(value)
    }
}

impl From<&str> for Sensitive {
    fn from(value: &str) -> Self {
        Self::new(value)
    }
}

/// Takes the same time wherever values of one length differ.
impl PartialEq for Sensitive {
    fn eq(&self, other: &Self) -> bool {
        let (one, other) = (self.expose().as_bytes(), other.expose().as_bytes());
        let difference = one.iter().zip(other).fold(0, |all, (one, other)| all | (one ^ other));
        one.len() == other.len() && std::hint::black_box(difference) == 0
    }
}

impl Eq for Sensitive {}

impl fmt::Debug for Sensitive {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("[redacted]")
    }
}

impl Serialize for Sensitive {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.expose())
    }
}

impl<'de> Deserialize<'de> for Sensitive {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_nothing() {
        let secret = Sensitive::from("hunter2");
        assert_eq!(format!("{secret:?} {:?}", Some(&secret)), "[redacted] Some([redacted])");
        assert_eq!(secret.expose(), "hunter2");
        assert_eq!(secret.into_exposed(), "hunter2");
    }

    #[test]
    fn plain_on_the_wire() {
        let secret: Sensitive = serde_json::from_str(r#""a\"b""#).unwrap();
        assert_eq!(secret.expose(), "a\"b");
        assert_eq!(serde_json::to_string(&secret).unwrap(), r#""a\"b""#);
    }

    #[test]
    fn equality() {
        assert_eq!(Sensitive::from("abc"), Sensitive::from("abc"));
        for other in ["", "ab", "abd", "abcd"] {
            assert_ne!(Sensitive::from("abc"), Sensitive::from(other));
        }
    }
}
