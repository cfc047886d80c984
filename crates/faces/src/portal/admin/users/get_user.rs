//! `GET /api/admin/users/{username}`: a user.

use crate::kit::{Context, Operation, json};
use crate::portal::admin::failure::{failure, failures};
use crate::portal::admin::gate::Administrator;
use crate::portal::admin::operation;
use crate::portal::admin::path::{Names, username};
use crate::portal::admin::record::User;
use crate::portal::failure::{Failure, USER_NOT_FOUND};
use crate::portal::{PortalMount, api};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use poolkeeper_pool::error::{Refusal, Result};
use poolkeeper_pool::request::RequestContext;
use schemars::JsonSchema;
use serde::Serialize;
use std::sync::Arc;

const FAILED: &str = "Failed to get user";

#[derive(JsonSchema, Serialize)]
#[schemars(rename = "OneUser")]
struct Reply {
    #[schemars(example = true)]
    success: bool,
    user: User,
}

pub(in crate::portal) fn describe() -> Operation {
    operation(api::USERS, "Show a user")
        .takes(username())
        .answers::<Reply>("The user's current data.")
        .fails(failures(FAILED, &[USER_NOT_FOUND]))
}

pub(in crate::portal) async fn handle(
    State(mount): State<Arc<PortalMount>>,
    Context(context): Context,
    _: Administrator,
    Names(username): Names<String>,
) -> Result<Response, Failure> {
    let user = find(&mount, &context, &username).await.map_err(|error| failure(FAILED, error))?;
    Ok(json(StatusCode::OK, &Reply { success: true, user }))
}

async fn find(mount: &PortalMount, context: &RequestContext, username: &str) -> Result<User> {
    let user = mount.administration.user(context, &mount.pool_id, username).await?;
    Ok(User::all_of(vec![user], mount, context).await?.pop().ok_or(Refusal::UserNotFound)?)
}
