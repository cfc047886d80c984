use crate::kit::traffic::room::{Allowance, Room, Share};
use crate::kit::{BodyFlaw, Members};
use axum::body::Body;
use axum::extract::Request;
use axum::http::{Extensions, HeaderMap, header};
use http_body_util::BodyExt;
use std::ops::Deref;

/// The longest body of a stranger, in bytes. No request without an access key or an administrator's
/// token has a use for more.
pub(crate) const SMALL: usize = 64 * 1024;

/// The longest body of all, in bytes.
pub(crate) const LARGEST: usize = 1024 * 1024;

/// How long the body of a request may be, if not [`SMALL`]. Who has proven to be an administrator
/// puts it among the request's extensions.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MostBytes(pub(crate) usize);

/// Reads the members of the JSON object that the request carries.
pub(crate) async fn members(request: Request) -> Result<Members, BodyFlaw> {
    members_if(request, may_be_json).await
}

/// The same of a body under any content type, as `curl -d` sends it. A web page must
/// declare JSON as its content type: then no page of another origin can send it without a preflight.
pub(crate) async fn members_of_any_type(request: Request) -> Result<Members, BodyFlaw> {
    members_if(request, |headers| !headers.contains_key(header::ORIGIN) || may_be_json(headers))
        .await
}

/// The same, if the headers are those of JSON.
async fn members_if(
    request: Request,
    is_json: impl FnOnce(&HeaderMap) -> bool,
) -> Result<Members, BodyFlaw> {
    let (parts, body) = request.into_parts();
    let most = parts.extensions.get::<MostBytes>().map_or(SMALL, |most| most.0);
    let bytes = read_body(&parts.extensions, body, most).await?;
    if bytes.is_empty() {
        return Err(BodyFlaw::Empty);
    }
    if !is_json(&parts.headers) {
        return Err(BodyFlaw::NotJson);
    }
    let text = std::str::from_utf8(&bytes).map_err(|_| BodyFlaw::NotText)?;
    Members::parse(text)
}

/// A whole body, and the room that it takes while it is held.
#[derive(Debug)]
pub struct Held {
    bytes: Vec<u8>,
    share: Share,
}

impl Deref for Held {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes
    }
}

/// Reads a whole body of no more than `most` bytes. One that says that it is longer is not read at
/// all. What has arrived counts for the caller and for everybody, until the answer is dropped.
///
/// # Errors
///
/// If the body is too long, there is no room for it now, or the connection breaks off.
pub async fn read_body(
    extensions: &Extensions,
    mut body: Body,
    most: usize,
) -> Result<Held, BodyFlaw> {
    use axum::body::HttpBody;
    if body.size_hint().lower() > u64::try_from(most).unwrap_or(u64::MAX) {
        return Err(BodyFlaw::TooLarge);
    }
    let allowance = extensions.get::<Allowance>();
    let room = allowance.map_or_else(|| Room::new(most, most), |known| known.bytes.clone());
    let share = room.take(allowance.and_then(|known| known.whom), 0).map_err(BodyFlaw::Crowded)?;
    let mut held = Held { bytes: Vec::new(), share };
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_| BodyFlaw::Unfinished)?.into_data() else { continue };
        held.add(&data, most)?;
    }
    Ok(held)
}

impl Held {
    /// Pieces are copied into one: each would keep the whole buffer alive that it was read into.
    fn add(&mut self, piece: &[u8], most: usize) -> Result<(), BodyFlaw> {
        let length = self.bytes.len().saturating_add(piece.len());
        if length > most {
            return Err(BodyFlaw::TooLarge);
        }
        let capacity = self.bytes.capacity();
        if length > capacity {
            let wanted = length.max(capacity.saturating_mul(2)).min(most);
            self.share.grow(wanted - capacity).map_err(BodyFlaw::Crowded)?;
            self.bytes.reserve_exact(wanted - self.bytes.len());
        }
        self.bytes.extend_from_slice(piece);
        Ok(())
    }
}

/// Whether the content type is `application/json`, `application/<something>+json` or not given. A web
/// page has to give it: without one, a page of another origin may send a body without asking.
fn may_be_json(headers: &HeaderMap) -> bool {
    let Some(given) = headers.get(header::CONTENT_TYPE) else {
        return !headers.contains_key(header::ORIGIN);
    };
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

#[cfg(test)]
mod fuzz {
    use super::*;
    use crate::tests::json::odd;
    use axum::http::HeaderValue;

    /// No type that a page of another origin may send without asking is taken for JSON.
    #[test]
    fn what_may_be_json_says_so() {
        const TYPES: [&str; 4] =
            ["application/json", "text/plain", "multipart/form-data", "application/x+json"];
        type Input = (u8, Vec<u8>, Vec<u8>);
        bolero::check!().with_type::<Input>().for_each(|(kind, before, after)| {
            let kind = TYPES[usize::from(*kind) % TYPES.len()];
            let text = [&odd(before), kind, &odd(after)].concat();
            let Ok(value) = HeaderValue::from_str(&text) else { return };
            let headers = HeaderMap::from_iter([(header::CONTENT_TYPE, value)]);
            let essence = text.split(';').next().unwrap().trim().to_ascii_lowercase();
            let says_so = essence.starts_with("application/") && essence.ends_with("json");
            assert!(says_so || !may_be_json(&headers), "{text}");
        });
    }
}
