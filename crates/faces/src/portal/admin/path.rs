use crate::kit::Parameter;
use crate::portal::failure::Failure;
use axum::extract::{FromRequestParts, Path};
use axum::http::StatusCode;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

/// The names in a path, decoded. What is no text after that names nothing.
pub(super) struct Names<T>(pub(super) T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Names<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        match Path::from_request_parts(parts, state).await {
            Ok(Path(names)) => Ok(Self(names)),
            Err(_) => Err(Failure::new(StatusCode::NOT_FOUND, "Not Found")),
        }
    }
}

/// Who is meant.
pub(super) fn username() -> Parameter {
    Parameter::path("username", "The user: username, `sub` or e-mail address, percent-encoded.")
}

/// Which group is meant.
pub(super) fn group_name() -> Parameter {
    Parameter::path("group_name", "The name of the group, percent-encoded.")
}
