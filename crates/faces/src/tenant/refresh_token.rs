//! `POST /RefreshToken`: new access and ID tokens, for the tenant that the sign-in was made for.
//! The documented API has no such endpoint: this one is ours.

use super::failure::Failure;
use super::gate::Gate;
use super::{FaceState, api, reply, request};
use crate::kit::{Context, Members, Operation, most};
use axum::extract::{Request, State};
use axum::response::Response;
use poolkeeper_pool::backend::user_pool::{Refresh, SignedIn, Via};
use poolkeeper_pool::crypto::secret::Secret;
use std::sync::Arc;

const NEEDED: &str = "TenantName and RefreshToken are required";

struct Body {
    tenant_name: String,
    refresh_token: Secret,
}

impl Body {
    fn read(members: &mut Members) -> Self {
        Self {
            tenant_name: members.trimmed(request::TENANT_NAME, 1..=most::NAME),
            refresh_token: members.secret(request::REFRESH_TOKEN, 1..=most::TOKEN),
        }
    }
}

pub(super) fn describe() -> Operation {
    Operation::new(api::SIGN_IN, "Get new tokens")
        .about("The refresh token of the login stays valid until it expires.")
        .spelled("/RefreshToken")
        .body(Body::read)
        .answers::<reply::Complete<'_>>("New access and ID tokens, without a refresh token.")
        .fails([Failure::Invalid(NEEDED.into()), Failure::RefreshTokenEnded])
}

pub(super) async fn handle(
    State(state): State<Arc<FaceState>>,
    Context(context): Context,
    request: Request,
) -> Result<Response, Failure> {
    let Body { tenant_name, refresh_token } = request::body(request, Body::read, NEEDED).await?;
    let gate = Gate::find(&*state.mount.directory, &tenant_name).await?;
    let gate = gate.ok_or(Failure::RefreshTokenEnded)?;
    let (via, entry_policy) = (Via::trusted(&gate.client()), gate.entry_policy());
    let command = Refresh { via, refresh_token, device_key: None, entry_policy };
    let signed_in = state.mount.pool.refresh(&context, command).await;
    let signed_in = gate.judge(signed_in, Failure::RefreshTokenEnded)?;
    // The first one stays good until it expires.
    let signed_in = SignedIn { refresh_token: None, ..signed_in };
    Ok(reply::complete(&signed_in, gate.tenant(), state.mount.flat_tokens))
}
