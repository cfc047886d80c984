use crate::kit::{Parameter, most};
use crate::portal::failure::Failure;
use axum::extract::{FromRequestParts, Path};
use axum::http::StatusCode;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

/// The names in a path, decoded. What is no text after that, or too long,
/// names nothing.
pub(super) struct Names<T>(pub(super) T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Names<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let is_short = parts.uri.path().len() <= most::PATH;
        match Path::from_request_parts(parts, state).await {
            Ok(Path(names)) if is_short => Ok(Self(names)),
            _ => Err(Failure::new(StatusCode::NOT_FOUND, "Not Found")),
        }
    }
}

/// Who is meant.
pub(super) fn username() -> Parameter {
    Parameter::path("username", "The user's username, `sub` or e-mail address, percent-encoded.")
}

/// Which group is meant.
pub(super) fn group_name() -> Parameter {
    Parameter::path("group_name", "The name of the group, percent-encoded.")
}
