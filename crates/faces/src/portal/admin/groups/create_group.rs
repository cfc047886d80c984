//! `POST /api/admin/groups`: make a group.

use crate::kit::{Context, Members, Name, Operation, json, most};
use crate::portal::admin::failure::{failure, failures};
use crate::portal::admin::gate::Administrator;
use crate::portal::admin::operation;
use crate::portal::admin::record::GroupEntry;
use crate::portal::failure::{Failure, GROUP_EXISTS, INVALID_PARAMETER};
use crate::portal::validation::PRECEDENCES;
use crate::portal::{PortalMount, api, validation};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use poolkeeper_pool::backend::administration::NewGroup;
use poolkeeper_pool::ids::GroupName;
use schemars::JsonSchema;
use serde::Serialize;
use std::sync::Arc;

const FAILED: &str = "Failed to create group";

const NAME: Name = Name::new("name").about("1 to 128 characters, no spaces.").like("editor");
const DESCRIPTION: Name = Name::new("description").about("At most 2048 characters.");
const PRECEDENCE: Name = Name::new("precedence").about("Lower numbers win.");

struct Body {
    name: GroupName,
    description: Option<String>,
    precedence: Option<i64>,
}

impl Body {
    fn read(members: &mut Members) -> Self {
        Self {
            name: GroupName::new(members.text(NAME, 0..=most::VALUE)),
            description: members.nullable_text(DESCRIPTION, 0..=most::TEXT).flatten(),
            precedence: members.optional_integer(PRECEDENCE, &PRECEDENCES),
        }
    }
}

#[derive(JsonSchema, Serialize)]
#[schemars(rename = "GroupCreated")]
struct Reply {
    #[schemars(example = true)]
    success: bool,
    group: GroupEntry,
    #[schemars(example = &"Group created successfully")]
    message: &'static str,
}

pub(in crate::portal) fn describe() -> Operation {
    operation(api::GROUPS, "Create a group")
        .body(Body::read)
        .answers::<Reply>("The group.")
        .fails(failures(FAILED, &[GROUP_EXISTS, INVALID_PARAMETER]))
}

pub(in crate::portal) async fn handle(
    State(mount): State<Arc<PortalMount>>,
    Context(context): Context,
    _: Administrator,
    request: Request,
) -> Result<Response, Failure> {
    let Body { name, description, precedence } = validation::body(request, Body::read).await?;
    let pool = mount.pool_id.clone();
    let new = NewGroup { pool, name, description, role_arn: None, precedence };
    let group = mount.administration.create_group(&context, new).await;
    let group = group.map_err(|error| failure(FAILED, error))?.into();
    let reply = Reply { success: true, group, message: "Group created successfully" };
    Ok(json(StatusCode::OK, &reply))
}
