use std::fmt;

/// The name of an exception of another service. It may be told to anybody and written anywhere: it
/// has ASCII letters and digits only, and not many.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExceptionName(String);

impl ExceptionName {
    /// The longest name, in bytes. Cognito's are shorter than 50.
    const LONGEST: usize = 64;

    /// A name that a service sent, if it looks like one.
    pub fn new(sent: &str) -> Option<Self> {
        let is_name = !sent.is_empty()
            && sent.len() <= Self::LONGEST
            && sent.bytes().all(|byte| byte.is_ascii_alphanumeric());
        is_name.then(|| Self(sent.to_owned()))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ExceptionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_short_and_plain() {
        let name = |sent: &str| ExceptionName::new(sent).map(|name| name.to_string());
        assert_eq!(name("ForbiddenException").as_deref(), Some("ForbiddenException"));
        let longest = "x".repeat(64);
        assert_eq!(name(&longest), Some(longest.clone()));
        for none in ["", "two words", "line\n", "ünknown", "<b>", &format!("{longest}x")] {
            assert_eq!(name(none), None, "{none}");
        }
    }
}
