//! `POST /api/admin/users/{username}/reset-password`: make a user choose a new password.

use crate::kit::{Context, Members, Name, Operation, most};
use crate::portal::admin::failure::{failure, failures};
use crate::portal::admin::gate::Administrator;
use crate::portal::admin::operation;
use crate::portal::admin::path::{Names, username};
use crate::portal::done::{Done, done};
use crate::portal::failure::{
    Failure, INVALID_PARAMETER, INVALID_PASSWORD, NOT_AUTHORIZED, USER_NOT_FOUND,
};
use crate::portal::{PortalMount, api, validation};
use axum::extract::{Request, State};
use axum::response::Response;
use poolkeeper_pool::crypto::secret::Secret;
use poolkeeper_pool::error::Result;
use poolkeeper_pool::request::RequestContext;
use std::sync::Arc;

const FAILED: &str = "Failed to reset password";

const TEMPORARY_PASSWORD: Name = Name::new("temporary_password").like("Temp0rary!");

fn read(members: &mut Members) -> Option<Secret> {
    members.optional_secret(TEMPORARY_PASSWORD, 0..=most::CLAIMED_PASSWORD)
}

pub(in crate::portal) fn describe() -> Operation {
    operation(api::USERS, "Make a user choose a new password")
        .about(
            "With `temporary_password`, the user signs in with it and must replace it. Without it, \
             the server mails the user a code for `/api/auth/reset-password`. All of the user's \
             sign-ins end.",
        )
        .takes(username())
        .optional_body(read)
        .answers::<Done<'_>>("The old password no longer works.")
        .fails(validation::failures())
        .fails(failures(
            FAILED,
            &[USER_NOT_FOUND, INVALID_PASSWORD, INVALID_PARAMETER, NOT_AUTHORIZED],
        ))
}

pub(in crate::portal) async fn handle(
    State(mount): State<Arc<PortalMount>>,
    Context(context): Context,
    _: Administrator,
    Names(username): Names<String>,
    request: Request,
) -> Result<Response, Failure> {
    let password = validation::optional_body(request, read).await?.flatten();
    let reset = reset(&mount, &context, &username, password.as_ref()).await;
    reset.map_err(|error| failure(FAILED, error))?;
    Ok(done("Password reset successfully"))
}

/// With a temporary password, the next sign-in is by it and must replace it. Without one, the user
/// is mailed a code.
async fn reset(
    mount: &PortalMount,
    context: &RequestContext,
    username: &str,
    password: Option<&Secret>,
) -> Result<()> {
    let (administration, pool) = (&mount.administration, &mount.pool_id);
    match password {
        Some(password) => {
            administration.set_password(context, pool, username, password, false).await
        }
        None => administration.reset_password(context, pool, username).await,
    }
}
