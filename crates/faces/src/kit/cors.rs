use axum::http::{HeaderMap, HeaderValue, header};

/// The origin of the page that makes a request, if it is one of these.
pub(crate) fn listed_origin(headers: &HeaderMap, listed: &[String]) -> Option<HeaderValue> {
    let origin = headers.get(header::ORIGIN)?;
    let is_origin = |listed: &String| listed.as_bytes() == origin.as_bytes();
    listed.iter().any(is_origin).then(|| origin.clone())
}

/// Whether the headers of an `OPTIONS` are a browser's question before a request.
pub(crate) fn is_preflight(headers: &HeaderMap) -> bool {
    headers.contains_key(header::ORIGIN)
        && headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
}
