//! `POST /api/auth/refresh-token`, also under `refresh`: a new access token.

use crate::kit::{Context, JwtText, Members, Name, Operation, SEALED, SealedText, json, most};
use crate::portal::failure::{Failure, NOT_AUTHORIZED, Wording};
use crate::portal::user::User;
use crate::portal::{PortalMount, api, validation};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use poolkeeper_pool::backend::user_pool::{Refresh, Via};
use poolkeeper_pool::crypto::secret::Secret;
use schemars::JsonSchema;
use serde::Serialize;
use std::sync::Arc;

pub(in crate::portal) const WORDING: Wording = Wording {
    known: &[(NOT_AUTHORIZED, StatusCode::UNAUTHORIZED, "Invalid refresh token")],
    error: "Token refresh error",
    failed: "Token refresh failed",
};

pub(in crate::portal) const REFRESH_TOKEN: Name = Name::new("refresh_token").like(SEALED);

#[derive(JsonSchema, Serialize)]
#[schemars(rename = "Refreshed")]
struct Reply<'a> {
    #[schemars(with = "JwtText")]
    access_token: &'a Secret,
    /// The refresh token to use from now on: a new one, or the caller's if it stays valid.
    #[schemars(with = "SealedText")]
    refresh_token: &'a Secret,
    #[schemars(example = &"bearer")]
    token_type: &'static str,
    /// Seconds until the access token expires.
    #[schemars(example = 3600)]
    expires_in: u64,
    user: User<'a>,
}

fn read(members: &mut Members) -> Secret {
    members.secret(REFRESH_TOKEN, 0..=most::TOKEN)
}

pub(in crate::portal) fn describe() -> Operation {
    Operation::new(api::SIGN_IN, "Refresh an access token")
        .about("Also available at `/api/auth/refresh`.")
        .body(read)
        .answers::<Reply<'_>>("A new access token.")
        .fails(WORDING.failures(&["UserNotFoundException"]))
}

pub(in crate::portal) async fn handle(
    State(mount): State<Arc<PortalMount>>,
    Context(context): Context,
    request: Request,
) -> Result<Response, Failure> {
    let given = validation::body(request, read).await?;
    let (via, entry_policy) = (Via::trusted(&mount.client), mount.entry_policy());
    let command = Refresh { via, refresh_token: given.clone(), device_key: None, entry_policy };
    let refreshed =
        mount.pool.refresh(&context, command).await.map_err(|error| WORDING.failure(error))?;
    let reply = Reply {
        access_token: &refreshed.access_token,
        refresh_token: refreshed.refresh_token.as_ref().unwrap_or(&given),
        token_type: "bearer",
        expires_in: refreshed.expires_in,
        user: User::of(&refreshed.profile, &mount),
    };
    Ok(json(StatusCode::OK, &reply))
}
