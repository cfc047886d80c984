//! `GET /api/admin/users`: a page of the pool's users.

use crate::kit::{self, Context, Operation, Parameter, parameter};
use crate::portal::admin::failure::{failure, failures};
use crate::portal::admin::gate::Administrator;
use crate::portal::admin::operation;
use crate::portal::admin::record::User;
use crate::portal::failure::{Failure, INVALID_PARAMETER};
use crate::portal::{PortalMount, api, validation};
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::response::Response;
use poolkeeper_pool::backend::administration::{Listing, Page};
use poolkeeper_pool::error::Result;
use poolkeeper_pool::request::RequestContext;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;
use std::ops::RangeInclusive;
use std::sync::Arc;

const FAILED: &str = "Failed to list users";

/// How many users a page may have; as many as it can if nothing is said.
const LIMIT: RangeInclusive<i64> = 1..=60;
const MOST: usize = 60;

#[derive(JsonSchema, Serialize)]
#[schemars(rename = "Users")]
struct Reply {
    #[schemars(example = true)]
    success: bool,
    users: Vec<User>,
    /// The token that requests the next page; null on the last page.
    pagination_token: Option<String>,
    /// Number of users on all pages.
    #[schemars(example = 1)]
    total: i64,
}

pub(in crate::portal) fn describe() -> Operation {
    let limit = json!({ "type": "integer", "minimum": LIMIT.start(), "maximum": LIMIT.end() });
    operation(api::USERS, "List users")
        .takes(Parameter::query("limit", "Users per page. Default: 60.").of(limit))
        .takes(Parameter::query("pagination_token", "The `pagination_token` of the previous page."))
        .answers::<Reply>("A page of users.")
        .fails(validation::query_failures("limit"))
        .fails(failures(FAILED, &[INVALID_PARAMETER]))
}

pub(in crate::portal) async fn handle(
    State(mount): State<Arc<PortalMount>>,
    Context(context): Context,
    _: Administrator,
    uri: Uri,
) -> Result<Response, Failure> {
    let limit = validation::query_number(&uri, "limit", &LIMIT)?.unwrap_or(MOST);
    // The first page is asked for with no token or an empty one.
    let cursor = parameter(uri.query(), "pagination_token").filter(|token| !token.is_empty());
    let page = Page { cursor: cursor.as_deref(), limit };
    let reply = list(&mount, &context, page).await.map_err(|error| failure(FAILED, error))?;
    Ok(kit::json(StatusCode::OK, &reply))
}

async fn list(mount: &PortalMount, context: &RequestContext, page: Page<'_>) -> Result<Reply> {
    let Listing { entries, next } =
        mount.administration.users(context, &mount.pool_id, page).await?;
    let users = User::all_of(entries, mount, context).await?;
    let total = mount.administration.number_of_users(context, &mount.pool_id).await?;
    Ok(Reply { success: true, users, pagination_token: next, total })
}
