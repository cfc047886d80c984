//! `POST /api/admin/users/{username}/disable`: shut a user out and end the user's sign-ins.

use crate::kit::{Context, Operation};
use crate::portal::admin::failure::{failure, failures};
use crate::portal::admin::gate::Administrator;
use crate::portal::admin::operation;
use crate::portal::admin::path::{Names, username};
use crate::portal::done::{Done, done};
use crate::portal::failure::{Failure, LAST_ADMINISTRATOR, USER_NOT_FOUND};
use crate::portal::{PortalMount, api};
use axum::extract::State;
use axum::response::Response;
use std::sync::Arc;

const FAILED: &str = "Failed to disable user";

pub(in crate::portal) fn describe() -> Operation {
    operation(api::USERS, "Disable a user")
        .takes(username())
        .answers::<Done<'_>>(
            "The user can no longer sign in, and all of the user's sign-ins have ended.",
        )
        .fails(failures(FAILED, &[USER_NOT_FOUND, LAST_ADMINISTRATOR]))
}

pub(in crate::portal) async fn handle(
    State(mount): State<Arc<PortalMount>>,
    Context(context): Context,
    _: Administrator,
    Names(username): Names<String>,
) -> Result<Response, Failure> {
    let result = mount.administration.disable_user(&context, &mount.pool_id, &username).await;
    result.map_err(|error| failure(FAILED, error))?;
    Ok(done("User disabled successfully"))
}
