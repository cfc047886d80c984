//! `POST /auth/partners/users`: a new user of the partner that the call is for.

use crate::kit::{Context, Flaw, Members, Name, Operation, json, most};
use crate::partner::problem::{Failure, Problem};
use crate::partner::{FaceState, api, names, request, scope};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::Response;
use poolkeeper_pool::attributes::is_email;
use poolkeeper_pool::backend::partners::{NewPartnerUser, PartnerGroups};
use poolkeeper_pool::entity::UserStatus;
use poolkeeper_pool::ids::GroupName;
use schemars::JsonSchema;
use serde::Serialize;
use std::sync::Arc;

/// Characters of a name.
const MAX_NAME: usize = 256;

/// The new user.
#[derive(JsonSchema, Serialize)]
#[schemars(rename = "CreatedUser")]
struct Reply<'a> {
    #[schemars(example = &"ann@example.com")]
    email: &'a str,
    #[schemars(example = &"UNCONFIRMED")]
    status: &'static str,
    #[schemars(example = &"partner-id-acme")]
    partner_id: &'a str,
}

fn read(members: &mut Members, known: &PartnerGroups) -> NewPartnerUser {
    let email = members.trimmed(names::EMAIL, 1..=most::NAME);
    if !email.is_empty() && !is_email(&email) {
        members.reject(names::EMAIL, Flaw::Unknown);
    }
    NewPartnerUser {
        email,
        password: members.secret(names::PASSWORD, 1..=most::PASSWORD),
        first_name: name(members, names::FIRST_NAME),
        last_name: name(members, names::LAST_NAME),
        groups: access_groups(
            members.optional_texts(names::GROUPS, groups_count(), 1..=128),
            members,
            known,
        ),
    }
}

/// How many groups may be given at once.
pub(in crate::partner) const fn groups_count() -> std::ops::RangeInclusive<usize> {
    0..=100
}

/// Access groups, each once. Other groups cannot be given.
pub(in crate::partner) fn access_groups(
    given: Option<Vec<String>>,
    members: &mut Members,
    known: &PartnerGroups,
) -> Vec<GroupName> {
    let mut groups: Vec<_> = given.into_iter().flatten().map(GroupName::new).collect();
    groups.sort();
    groups.dedup();
    if !groups.iter().all(|group| known.is_access_group(group)) {
        members.reject(names::GROUPS, Flaw::Unknown);
    }
    groups
}

/// No attribute has control characters.
fn name(members: &mut Members, member: Name) -> Option<String> {
    let name = members.optional_trimmed(member, 0..=MAX_NAME);
    if name.as_ref().is_some_and(|name| name.chars().any(char::is_control)) {
        members.reject(member, Flaw::Unknown);
    }
    name
}

pub(in crate::partner) fn describe() -> Operation {
    let operation = Operation::new(api::USERS, "Create a user of the partner")
        .about(
            "Needs the permission `user.manage`. The new user confirms the address with a mailed \
             code. The caller cannot assign access groups with permissions that the caller lacks.",
        )
        .body(|members| read(members, &PartnerGroups::default()));
    scope::describe(operation)
        .answers_with::<Reply<'_>>(StatusCode::CREATED, "Created. A code was mailed.")
        .fails([Failure::with_subcode(Problem::PasswordPolicy, "TOO_SHORT")])
        .fails([Problem::NotFound, Problem::UserExists])
}

pub(in crate::partner) async fn handle(
    State(state): State<Arc<FaceState>>,
    Context(context): Context,
    parts: Parts,
    request: Request,
) -> Result<Response, Failure> {
    let member = scope::manager(&state, &parts).await?;
    let known = &state.mount.groups;
    let new = request::body(request, |members| read(members, known)).await?;
    let email = new.email.clone();
    state.partners(&context, &parts.headers).create(&member, new).await?;
    let status = UserStatus::Unconfirmed.as_str();
    let partner_id = member.partner.id.as_str();
    Ok(json(StatusCode::CREATED, &Reply { email: &email, status, partner_id }))
}
