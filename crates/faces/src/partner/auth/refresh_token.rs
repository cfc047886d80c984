//! `POST /auth/refresh_token`: new access and ID tokens.

use crate::kit::{Context, JwtText, Members, Operation, json, most};
use crate::partner::problem::{Failure, Problem};
use crate::partner::{FaceState, api, names, request};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use poolkeeper_pool::backend::user_pool::{Refresh, Via};
use poolkeeper_pool::crypto::secret::Secret;
use schemars::JsonSchema;
use serde::Serialize;
use std::sync::Arc;

/// New tokens. There is no new `RefreshToken`: the first one stays valid until it expires.
#[derive(JsonSchema, Serialize)]
#[serde(rename_all = "PascalCase")]
#[schemars(rename = "Refreshed")]
struct Reply<'a> {
    #[schemars(with = "JwtText")]
    access_token: &'a Secret,
    #[schemars(with = "JwtText")]
    id_token: &'a Secret,
    /// Seconds until the tokens expire.
    #[schemars(example = 3600)]
    expires_in: u64,
    #[schemars(example = &"Bearer")]
    token_type: &'static str,
}

fn read(members: &mut Members) -> Secret {
    members.secret(names::TOKEN, 1..=most::TOKEN)
}

pub(in crate::partner) fn describe() -> Operation {
    Operation::new(api::SIGN_IN, "Refresh tokens")
        .body(read)
        .answers::<Reply<'_>>("New access and ID tokens.")
        .fails([Problem::RefreshTokenInvalid, Problem::AccountDisabled, Problem::ExternalUser])
        .fails([Failure::with_subcode(Problem::PartnerForbidden, "SUSPENDED")])
}

pub(in crate::partner) async fn handle(
    State(state): State<Arc<FaceState>>,
    Context(context): Context,
    request: Request,
) -> Result<Response, Failure> {
    let entry_policy = state.entry_policy(request.headers());
    let refresh_token = request::body(request, read).await?;
    let via = Via::trusted(&state.mount.client);
    let command = Refresh { via, refresh_token, device_key: None, entry_policy };
    let signed_in = state.mount.pool.refresh(&context, command).await?;
    let reply = Reply {
        access_token: &signed_in.access_token,
        id_token: &signed_in.id_token,
        expires_in: signed_in.expires_in,
        token_type: "Bearer",
    };
    Ok(json(StatusCode::OK, &reply))
}
