//! Who calls, by the access token.

use super::PortalMount;
use super::failure::{Cause, Failure, NOT_AUTHORIZED, cause};
use crate::kit::{BearerFlaw, bearer, report_fault};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use poolkeeper_pool::backend::user_pool::Profile;
use poolkeeper_pool::crypto::secret::Secret;
use poolkeeper_pool::entity::Face;
use poolkeeper_pool::error::Error;
use poolkeeper_pool::request::RequestContext;

/// An access token of this API that is good.
pub(super) async fn token(
    mount: &PortalMount,
    context: &RequestContext,
    headers: &HeaderMap,
) -> Result<Secret, Unknown> {
    let token = bearer(headers)?;
    mount.pool.authenticate(context, Face::Portal, &mount.client, &token).await?;
    Ok(token)
}

/// The caller's user, as of now.
pub(super) async fn profile(
    mount: &PortalMount,
    context: &RequestContext,
    headers: &HeaderMap,
) -> Result<Profile, Unknown> {
    let token = bearer(headers)?;
    match mount.pool.authenticate(context, Face::Portal, &mount.client, &token).await? {
        (_, Some(profile)) => Ok(profile),
        (caller, None) => Ok(mount.pool.profile(context, &mount.client, &caller).await?),
    }
}

/// What a request with an access token may be answered.
pub(super) fn failures() -> Vec<Unknown> {
    let details = [
        "Not authenticated",
        "Invalid authentication credentials",
        "Token has expired",
        "Invalid token",
        "Authentication failed",
    ];
    let ours = [unavailable(), internal()];
    details.map(Unknown::unauthorized).into_iter().chain(ours).collect()
}

fn unavailable() -> Unknown {
    Unknown(Failure::new(StatusCode::SERVICE_UNAVAILABLE, "Service unavailable"))
}

fn internal() -> Unknown {
    Unknown(Failure::new(StatusCode::INTERNAL_SERVER_ERROR, "Internal server error"))
}

/// It is not known who calls.
#[derive(Debug)]
pub(super) struct Unknown(Failure);

impl Unknown {
    fn unauthorized(detail: &'static str) -> Self {
        Self(Failure::new(StatusCode::UNAUTHORIZED, detail))
    }
}

impl IntoResponse for Unknown {
    fn into_response(self) -> Response {
        const BEARER: HeaderValue = HeaderValue::from_static("Bearer");
        let mut response = self.0.into_response();
        if response.status() == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, BEARER);
        }
        response
    }
}

impl From<BearerFlaw> for Unknown {
    fn from(flaw: BearerFlaw) -> Self {
        match flaw {
            BearerFlaw::Missing => Self::unauthorized("Not authenticated"),
            BearerFlaw::Unusable => Self::unauthorized("Invalid authentication credentials"),
        }
    }
}

impl From<Error> for Unknown {
    fn from(error: Error) -> Self {
        match error {
            Error::Refused(refusal) => match cause(&refusal) {
                Cause::AccessTokenExpired => Self::unauthorized("Token has expired"),
                Cause::Exception(NOT_AUTHORIZED) => Self::unauthorized("Invalid token"),
                Cause::Exception(_) | Cause::AttributeMissing | Cause::FreshSignInRequired => {
                    Self::unauthorized("Authentication failed")
                }
                Cause::Overloaded => Self(Failure::overloaded()),
                Cause::Misfit => internal(),
            },
            // No 401: clients would throw good tokens away because our database is down.
            Error::Fault(fault) => match report_fault(&fault) {
                StatusCode::SERVICE_UNAVAILABLE => unavailable(),
                _ => internal(),
            },
        }
    }
}
