//! `GET /api/admin/groups`: all groups of the pool.

use crate::kit::{Context, Operation, json};
use crate::portal::admin::failure::{failure, failures};
use crate::portal::admin::gate::Administrator;
use crate::portal::admin::operation;
use crate::portal::admin::record::GroupEntry;
use crate::portal::failure::Failure;
use crate::portal::{PortalMount, api};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use poolkeeper_pool::backend::administration::Page;
use poolkeeper_pool::error::Result;
use poolkeeper_pool::request::RequestContext;
use schemars::JsonSchema;
use serde::Serialize;
use std::sync::Arc;

const FAILED: &str = "Failed to list groups";

/// As many as Cognito gives at a time.
const LIMIT: usize = 60;

#[derive(JsonSchema, Serialize)]
#[schemars(rename = "Groups")]
struct Reply {
    #[schemars(example = true)]
    success: bool,
    groups: Vec<GroupEntry>,
}

pub(in crate::portal) fn describe() -> Operation {
    operation(api::GROUPS, "List groups")
        .answers::<Reply>("All groups, sorted by name.")
        .fails(failures(FAILED, &[]))
}

pub(in crate::portal) async fn handle(
    State(mount): State<Arc<PortalMount>>,
    Context(context): Context,
    _: Administrator,
) -> Result<Response, Failure> {
    let groups = all(&mount, &context).await.map_err(|error| failure(FAILED, error))?;
    Ok(json(StatusCode::OK, &Reply { success: true, groups }))
}

async fn all(mount: &PortalMount, context: &RequestContext) -> Result<Vec<GroupEntry>> {
    let mut groups = Vec::new();
    let mut cursor = None;
    loop {
        let page = Page { cursor: cursor.as_deref(), limit: LIMIT };
        let listing = mount.administration.groups(context, &mount.pool_id, page).await?;
        groups.extend(listing.entries.into_iter().map(GroupEntry::from));
        cursor = listing.next;
        if cursor.is_none() {
            return Ok(groups);
        }
    }
}
