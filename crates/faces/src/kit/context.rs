use axum::extract::FromRequestParts;
use axum::http::Extensions;
use axum::http::request::Parts;
use poolkeeper_pool::request::RequestContext;
use poolkeeper_pool::time::Timestamp;
use std::convert::Infallible;
use std::sync::Arc;

/// Extracts the request context, which [`edge`](super::edge) puts among a request's extensions.
pub(crate) struct Context(pub(crate) Arc<RequestContext>);

impl<S: Sync> FromRequestParts<S> for Context {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(context_of(&parts.extensions)))
    }
}

/// The same from a request's extensions. A request that did not pass the edge, as in tests of one
/// face alone, gets an empty context.
pub(crate) fn context_of(extensions: &Extensions) -> Arc<RequestContext> {
    let known = extensions.get::<Arc<RequestContext>>().map(Arc::clone);
    known.unwrap_or_else(|| Arc::new(RequestContext::new("-", Timestamp::from_seconds(0))))
}
