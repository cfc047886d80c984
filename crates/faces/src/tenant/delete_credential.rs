//! `POST /Credentials/Delete`: take a machine credential from the tenant. Its tokens are dead at once.

use super::credential::{Envelope, Nothing, success};
use super::failure::Failure;
use super::{FaceState, administrator, api, request};
use crate::kit::{Context, Members, Operation};
use axum::extract::{Request, State};
use axum::response::Response;
use poolkeeper_pool::error::{Error, Refusal};
use poolkeeper_pool::ids::Username;
use std::sync::Arc;

const NEEDED: &str = "ClientID is required";

fn read(members: &mut Members) -> Username {
    Username::new(members.trimmed(request::CLIENT_ID, 1..=128))
}

pub(super) fn describe() -> Operation {
    Operation::new(api::CREDENTIALS, "Delete a machine credential")
        .about("Its tokens become invalid at once. Credentials of other tenants are not found.")
        .spelled("/Credentials/Delete")
        .bearer()
        .body(read)
        .answers::<Envelope<Nothing>>("The credential was deleted.")
        .fails([Failure::Invalid(NEEDED.into()), Failure::NotAdministrator])
        .fails([Failure::CredentialNotFound])
}

pub(super) async fn handle(
    State(state): State<Arc<FaceState>>,
    Context(context): Context,
    request: Request,
) -> Result<Response, Failure> {
    let tenant = administrator::tenant(&state, &context, request.headers()).await?;
    let client_id = request::body(request, read, NEEDED).await?;
    match state.mount.tenancy.delete_credential(&context, &tenant, &client_id).await {
        Ok(()) => Ok(success(Nothing {})),
        Err(Error::Refused(Refusal::UserNotFound)) => Err(Failure::CredentialNotFound),
        Err(error) => Err(error.into()),
    }
}
