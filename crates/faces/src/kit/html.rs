use axum::http::{HeaderName, header};
use axum::response::{IntoResponse, Response};

/// What a page of ours may do: show itself with our style. No scripts, so that nothing in what it
/// shows can become one.
const POLICY: (HeaderName, &str) = (
    header::CONTENT_SECURITY_POLICY,
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; \
     frame-ancestors 'none'",
);

/// A page.
pub(crate) fn html(page: String) -> Response {
    const HTML: (HeaderName, &str) = (header::CONTENT_TYPE, "text/html; charset=utf-8");
    const NO_REFERRER: (HeaderName, &str) = (header::REFERRER_POLICY, "no-referrer");
    ([HTML, POLICY, NO_REFERRER], page).into_response()
}

/// The style of pages.
pub(crate) fn css(style: &'static str) -> Response {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], style).into_response()
}

/// A text as it stands in a page, in an attribute too.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}
