//! `PUT /auth/partners/users/{email}/disable`, `/enable` and `/groups`: change a user of the partner
//! that the call is for.

use super::create_user::{access_groups, groups_count};
use crate::kit::{Context, Members, Operation, Parameter};
use crate::partner::problem::{Failure, Problem};
use crate::partner::{FaceState, api, names, request, scope};
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use poolkeeper_pool::backend::partners::PartnerGroups;
use poolkeeper_pool::error::{Error, Refusal};
use poolkeeper_pool::ids::GroupName;
use poolkeeper_pool::name;
use std::sync::Arc;

/// The user that the path names, decoded once.
type Named = Result<Path<String>, PathRejection>;

fn read(members: &mut Members, known: &PartnerGroups) -> Vec<GroupName> {
    let given = members.texts(names::GROUPS, groups_count(), 1..=128);
    access_groups(Some(given), members, known)
}

fn describe(summary: &'static str, about: &'static str) -> Operation {
    let operation = Operation::new(api::USERS, summary).about(about).takes(Parameter::path(
        "email",
        "The user's address. Users of other partners are not found.",
    ));
    scope::describe(operation)
        .answers_nothing(StatusCode::NO_CONTENT, "Done.")
        .fails([Problem::NotFound])
}

pub(in crate::partner) fn describe_disable() -> Operation {
    describe(
        "Suspend a user",
        "Ends the user's sign-ins. The caller cannot suspend users of several partners, users with \
         permissions that the caller lacks, or the caller's own account.",
    )
}

pub(in crate::partner) fn describe_enable() -> Operation {
    describe(
        "End the suspension of a user",
        "Works for users whom the caller could suspend, if an administrator of this partner \
         suspended them. If the operator suspended or disabled a user, only the operator can \
         let the user in again.",
    )
    .fails([Problem::SuspendedByOperator])
}

pub(in crate::partner) fn describe_groups() -> Operation {
    describe(
        "Replace a user's access groups",
        "Works for users whom the caller could suspend. The caller cannot assign access groups \
         with permissions that the caller lacks.",
    )
    .body(|members| read(members, &PartnerGroups::default()))
}

pub(in crate::partner) async fn disable(
    State(state): State<Arc<FaceState>>,
    Context(context): Context,
    user: Named,
    parts: Parts,
) -> Result<StatusCode, Failure> {
    let member = scope::manager(&state, &parts).await?;
    let name = name(user)?;
    state.partners(&context, &parts.headers).disable(&member, &name).await.map_err(not_found)?;
    Ok(StatusCode::NO_CONTENT)
}

pub(in crate::partner) async fn enable(
    State(state): State<Arc<FaceState>>,
    Context(context): Context,
    user: Named,
    parts: Parts,
) -> Result<StatusCode, Failure> {
    let member = scope::manager(&state, &parts).await?;
    let name = name(user)?;
    state.partners(&context, &parts.headers).enable(&member, &name).await.map_err(not_found)?;
    Ok(StatusCode::NO_CONTENT)
}

pub(in crate::partner) async fn set_groups(
    State(state): State<Arc<FaceState>>,
    Context(context): Context,
    user: Named,
    parts: Parts,
    request: Request,
) -> Result<StatusCode, Failure> {
    let member = scope::manager(&state, &parts).await?;
    let known = &state.mount.groups;
    let groups = request::body(request, |members| read(members, known)).await?;
    let name = name(user)?;
    state
        .partners(&context, &parts.headers)
        .set_groups(&member, &name, &groups)
        .await
        .map_err(not_found)?;
    Ok(StatusCode::NO_CONTENT)
}

/// What is no text, or longer than a name, names nobody.
fn name(user: Named) -> Result<String, Failure> {
    let name = user.ok().map(|Path(name)| name).filter(|name| !name::is_too_long(name));
    name.ok_or_else(|| Problem::NotFound.into())
}

fn not_found(error: Error) -> Failure {
    match error {
        Error::Refused(Refusal::UserNotFound) => Problem::NotFound.into(),
        error => error.into(),
    }
}
