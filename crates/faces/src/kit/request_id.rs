use axum::http::{HeaderMap, HeaderName, HeaderValue};
use poolkeeper_pool::ids::random_uuid;
use poolkeeper_pool::system::Rng;

pub(crate) const HEADER: HeaderName = HeaderName::from_static("x-request-id");

const MAX_LENGTH: usize = 128;

/// The id of a request. Every handler finds it among the request's extensions, every response
/// carries it as `x-request-id`, and every log line shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestId(String);

impl RequestId {
    /// The id that the caller gave, if there is one and it cannot harm a log; else a fresh one.
    pub(crate) fn of(headers: &HeaderMap, rng: &dyn Rng) -> Self {
        let mut given = headers.get_all(HEADER).iter();
        let id = match (given.next().and_then(|value| value.to_str().ok()), given.next()) {
            (Some(id), None) if is_acceptable(id) => id.to_owned(),
            _ => random_uuid(rng),
        };
        Self(id)
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn header_value(&self) -> Option<HeaderValue> {
        HeaderValue::from_str(&self.0).ok()
    }
}

fn is_acceptable(id: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    (1..=MAX_LENGTH).contains(&id.len()) && id.bytes().all(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_harmless_ids_are_echoed() {
        assert!(is_acceptable("a.B-3_z"));
        assert!(is_acceptable(&"x".repeat(128)));
        assert!(!is_acceptable(&"x".repeat(129)));
        assert!(!is_acceptable(""));
        assert!(!is_acceptable("a b"));
        assert!(!is_acceptable("a\u{1b}[0m"));
    }
}
