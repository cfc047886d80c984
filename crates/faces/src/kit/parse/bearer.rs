use axum::http::{HeaderMap, HeaderValue, header};
use poolkeeper_pool::crypto::secret::Secret;

/// Why no bearer token could be taken from a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BearerFlaw {
    /// There is no `Authorization`, or nothing follows its scheme.
    Missing,
    /// It is of another scheme, has none, or is there twice.
    Unusable,
}

/// The token of `Authorization: Bearer <token>`. The scheme's case does not matter.
pub(crate) fn bearer(headers: &HeaderMap) -> Result<Secret, BearerFlaw> {
    let mut lines = headers.get_all(header::AUTHORIZATION).iter();
    let line = lines.next().ok_or(BearerFlaw::Missing)?;
    if lines.next().is_some() {
        return Err(BearerFlaw::Unusable);
    }
    let line = line.to_str().map_err(|_| BearerFlaw::Unusable)?.trim();
    let (scheme, token) = line.split_once(' ').unwrap_or((line, ""));
    let is_bearer = scheme.eq_ignore_ascii_case("bearer");
    match (is_bearer, token.trim()) {
        (true, "") => Err(BearerFlaw::Missing),
        (true, token) => Ok(Secret::from(token)),
        (false, _) if line.is_empty() => Err(BearerFlaw::Missing),
        (false, _) => Err(BearerFlaw::Unusable),
    }
}

/// The token of `Authorization`, with the scheme `Bearer` before it or by itself.
pub(crate) fn bare_or_bearer(headers: &HeaderMap) -> Result<Secret, BearerFlaw> {
    let mut lines = headers.get_all(header::AUTHORIZATION).iter();
    match (lines.next().map(HeaderValue::to_str), lines.next()) {
        (Some(Ok(line)), None) if is_bare(line.trim()) => Ok(Secret::from(line.trim())),
        _ => bearer(headers),
    }
}

/// Whether there is a token and no scheme.
fn is_bare(line: &str) -> bool {
    !line.is_empty() && !line.contains(char::is_whitespace) && !line.eq_ignore_ascii_case("bearer")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(lines: &[&str]) -> Result<Secret, BearerFlaw> {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(header::AUTHORIZATION, line.parse().unwrap());
        }
        bearer(&headers)
    }

    #[test]
    fn only_one_header_with_the_scheme_bearer_counts() {
        assert_eq!(read(&["Bearer abc"]), Ok(Secret::from("abc")));
        assert_eq!(read(&["bEARER  abc "]), Ok(Secret::from("abc")));
        assert_eq!(read(&[]), Err(BearerFlaw::Missing));
        assert_eq!(read(&[""]), Err(BearerFlaw::Missing));
        assert_eq!(read(&["Bearer "]), Err(BearerFlaw::Missing));
        assert_eq!(read(&["abc"]), Err(BearerFlaw::Unusable));
        assert_eq!(read(&["Basic abc"]), Err(BearerFlaw::Unusable));
        assert_eq!(read(&["Bearer a", "Bearer a"]), Err(BearerFlaw::Unusable));
    }

    #[test]
    fn some_faces_take_tokens_without_a_scheme() {
        let read = |lines: &[&str]| {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(header::AUTHORIZATION, line.parse().unwrap());
            }
            bare_or_bearer(&headers)
        };
        for line in ["abc", " abc ", "Bearer abc", "bearer  abc"] {
            assert_eq!(read(&[line]), Ok(Secret::from("abc")), "{line}");
        }
        for nothing in [&[][..], &[""], &["Bearer"], &["bearer "]] {
            assert_eq!(read(nothing), Err(BearerFlaw::Missing), "{nothing:?}");
        }
        for other in [&["Basic abc"][..], &["a b"], &["a", "a"]] {
            assert_eq!(read(other), Err(BearerFlaw::Unusable), "{other:?}");
        }
    }
}

#[cfg(test)]
mod fuzz {
    use super::*;
    use crate::tests::json::odd;

    #[test]
    fn a_token_is_what_follows_the_scheme() {
        bolero::check!().with_type::<(Vec<u8>, bool)>().for_each(|(bytes, bare)| {
            let text = odd(bytes);
            let line = if *bare { text.clone() } else { format!("Bearer {text}") };
            let Ok(value) = HeaderValue::from_str(&line) else { return };
            let headers = HeaderMap::from_iter([(header::AUTHORIZATION, value)]);
            for token in [bearer(&headers), bare_or_bearer(&headers)].into_iter().flatten() {
                let token = token.expose();
                assert!(!token.is_empty() && token.trim() == token && line.contains(token));
                assert!(*bare || token == text.trim());
            }
        });
    }
}
