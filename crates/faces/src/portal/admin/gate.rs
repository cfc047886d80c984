use crate::kit::{LARGEST, MostBytes, context_of};
use crate::portal::failure::Failure;
use crate::portal::{PortalMount, bearer};
use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use std::sync::Arc;

/// The proof that an administrator calls, as of now: what the token said when it was issued does
/// not count. Handlers take it first, so that nobody else learns more than that.
pub(super) struct Administrator;

impl FromRequestParts<Arc<PortalMount>> for Administrator {
    type Rejection = Response;

    async fn from_request_parts(
        parts: &mut Parts,
        mount: &Arc<PortalMount>,
    ) -> Result<Self, Response> {
        let profile = bearer::profile(mount, &context_of(&parts.extensions), &parts.headers).await;
        let profile = profile.map_err(IntoResponse::into_response)?;
        if mount.administrators.is_one(&profile) {
            parts.extensions.insert(MostBytes(LARGEST));
            return Ok(Self);
        }
        Err(refusal().into_response())
    }
}

/// What others are answered.
pub(super) fn refusal() -> Failure {
    Failure::new(StatusCode::FORBIDDEN, "Admin access required")
}
