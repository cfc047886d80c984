//! `GET /auth/partners/users`: the users of the partner that the call is for.

use crate::kit::{Context, Operation, Parameter, json, query};
use crate::partner::problem::{Failure, Problem};
use crate::partner::{FaceState, api, scope};
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::Response;
use poolkeeper_pool::backend::partners::{PartnerUser, PartnerUsers};
use poolkeeper_pool::ids::GroupName;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json as value;
use std::sync::Arc;

/// Entries of a page unless fewer are asked for; more are never given.
const MOST: u64 = 50;

/// A page of users.
#[derive(JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "UserPage")]
struct Reply {
    /// Number of users on all pages.
    total: u64,
    limit: u64,
    /// Counted from one.
    page: u64,
    pages: u64,
    next_page: Option<u64>,
    prev_page: Option<u64>,
    items: Vec<Item>,
}

/// A user of the partner.
#[derive(JsonSchema, Serialize)]
#[schemars(rename = "PartnerUser")]
struct Item {
    /// The e-mail address. Service accounts have none; for them, the username.
    #[schemars(example = &"ann@example.com")]
    email: String,
    /// The status, as Cognito names it.
    #[schemars(example = &"CONFIRMED")]
    status: &'static str,
    /// Whether the user may sign in.
    enabled: bool,
    /// The access groups.
    #[schemars(example = &["access-group-2"])]
    groups: Vec<String>,
    #[schemars(example = &"2026-01-02T03:04:05Z")]
    created_at: String,
}

impl From<PartnerUser> for Item {
    fn from(found: PartnerUser) -> Self {
        let PartnerUser { user, enabled, access_groups } = found;
        let email = user.attributes.get("email").unwrap_or(user.username.as_str());
        Self {
            email: email.to_owned(),
            status: user.status.as_str(),
            enabled,
            groups: access_groups.iter().map(GroupName::to_string).collect(),
            created_at: user.created_at.whole_seconds().iso_text(),
        }
    }
}

impl Reply {
    fn of(found: PartnerUsers, page: u64, limit: u64) -> Self {
        let PartnerUsers { total, users } = found;
        let pages = total.div_ceil(limit);
        Self {
            total,
            limit,
            page,
            pages,
            next_page: (page < pages).then(|| page + 1),
            prev_page: page.checked_sub(1).map(|before| before.min(pages)).filter(|page| *page > 0),
            items: users.into_iter().map(Item::from).collect(),
        }
    }
}

pub(in crate::partner) fn describe() -> Operation {
    let number = || value!({ "type": "integer", "minimum": 1 });
    let operation = Operation::new(api::USERS, "List the partner's users")
        .about("Needs the permission `user.manage`.")
        .takes(Parameter::query("page", "The page, counted from one.").of(number()).or_empty())
        .takes(Parameter::query("limit", "Users per page, at most 50.").of(number()).or_empty());
    scope::describe(operation)
        .answers::<Reply>("A page of users.")
        .fails([Failure::invalid("page", "invalid_value")])
        .fails([Problem::NotFound])
}

pub(in crate::partner) async fn handle(
    State(state): State<Arc<FaceState>>,
    Context(context): Context,
    parts: Parts,
) -> Result<Response, Failure> {
    let member = scope::manager(&state, &parts).await?;
    let page = number(&parts, "page", 1)?;
    let limit = number(&parts, "limit", MOST)?.min(MOST);
    let found = state.partners(&context, &parts.headers).list(&member, page, limit).await?;
    Ok(json(StatusCode::OK, &Reply::of(found, page, limit)))
}

/// A number from one on. One that is too large to count by is as large as can be.
fn number(parts: &Parts, name: &'static str, default: u64) -> Result<u64, Failure> {
    let Some(text) = query(parts.uri.query(), name) else { return Ok(default) };
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    let number = text.parse().unwrap_or(u64::MAX);
    if is_number && number > 0 { Ok(number) } else { Err(Failure::invalid(name, "invalid_value")) }
}
