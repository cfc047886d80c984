use super::Members;
use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};

const MAX_BODY: usize = 1024 * 1024;

/// Why a body is no JSON object. Each face says it in its own words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum BodyFlaw {
    /// Larger than any request of ours.
    TooLarge,
    /// The connection broke off.
    Unfinished,
    /// Nothing was sent.
    Empty,
    /// The content type names something other than JSON.
    NotJson,
    /// Not UTF-8.
    NotText,
    /// Nested too deep to be read safely.
    TooDeep,
    /// Not JSON, from this character on.
    Malformed {
        /// How many characters were fine.
        position: usize,
        /// What is wrong, in the parser's words: no part of the body.
        reason: String,
    },
    /// JSON `null`.
    Null,
    /// JSON, but not an object.
    NotAnObject,
}

/// Reads the members of the JSON object that the request carries.
pub(crate) async fn members(request: Request) -> Result<Members, BodyFlaw> {
    let (parts, body) = request.into_parts();
    let bytes = bytes(body).await?;
    if bytes.is_empty() {
        return Err(BodyFlaw::Empty);
    }
    if !may_be_json(&parts.headers) {
        return Err(BodyFlaw::NotJson);
    }
    let text = std::str::from_utf8(&bytes).map_err(|_| BodyFlaw::NotText)?;
    Members::parse(text)
}

/// A whole body of no more than a megabyte.
pub(crate) async fn bytes(body: Body) -> Result<Bytes, BodyFlaw> {
    match Limited::new(body, MAX_BODY).collect().await {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(BodyFlaw::TooLarge),
        Err(_) => Err(BodyFlaw::Unfinished),
    }
}

/// Whether the content type is `application/json`, `application/<something>+json` or not given.
fn may_be_json(headers: &HeaderMap) -> bool {
    let Some(given) = headers.get(header::CONTENT_TYPE) else { return true };
    let Ok(given) = given.to_str() else { return false };
    let essence = given.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let subtype = essence.strip_prefix("application/");
    subtype.is_some_and(|subtype| subtype == "json" || subtype.ends_with("+json"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_goes_by_several_names() {
        let accepted = |name: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_TYPE, name.parse().unwrap());
            may_be_json(&headers)
        };
        assert!(may_be_json(&HeaderMap::new()));
        assert!(accepted("application/json"));
        assert!(accepted("Application/JSON; charset=utf-8"));
        assert!(accepted("application/merge-patch+json"));
        assert!(!accepted("text/plain"));
        assert!(!accepted("text/json"));
        assert!(!accepted("application/jsonp"));
        assert!(!accepted(""));
    }
}
