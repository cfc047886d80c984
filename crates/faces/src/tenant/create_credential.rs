//! `POST /Credentials/Create`: a machine credential for the tenant. Its secret is in the answer, and
//! nowhere else ever again.

use super::credential::{CredentialBody, Envelope, success};
use super::failure::Failure;
use super::{FaceState, administrator, api, request};
use crate::kit::{Context, Members, Name, Operation};
use axum::extract::{Request, State};
use axum::response::Response;
use poolkeeper_pool::backend::tenancy::NewCredential;
use poolkeeper_pool::ids::GroupName;
use std::sync::Arc;

const NEEDED: &str = "Name is required, of 1 to 128 characters; Grants must be a list of names";

const NAME: Name = Name::new("Name").about("The display name.").like("Turnstile 7");
const GRANTS: Name = Name::new("Grants")
    .about("Groups to add the credential to. Only groups that the operator lets tenants grant.");

fn read(members: &mut Members) -> NewCredential {
    let name = members.trimmed(NAME, 1..=128);
    let grants = members.optional_texts(GRANTS, 0..=50, 1..=128);
    let mut grants = grants.unwrap_or_default();
    grants.sort_unstable();
    grants.dedup();
    NewCredential { name, grants: grants.into_iter().map(GroupName::new).collect() }
}

pub(super) fn describe() -> Operation {
    Operation::new(api::CREDENTIALS, "Create a machine credential")
        .about("Only this answer shows the secret.")
        .spelled("/Credentials/Create")
        .bearer()
        .body(read)
        .answers::<Envelope<CredentialBody<'_>>>("The credential with its secret.")
        .fails([Failure::Invalid(NEEDED.into()), Failure::NotAdministrator])
        .fails([Failure::Conflict("The tenant has as many as there can be".to_owned())])
}

pub(super) async fn handle(
    State(state): State<Arc<FaceState>>,
    Context(context): Context,
    request: Request,
) -> Result<Response, Failure> {
    let tenant = administrator::tenant(&state, &context, request.headers()).await?;
    let new = request::body(request, read, NEEDED).await?;
    let (credential, secret) =
        state.mount.tenancy.create_credential(&context, &tenant, new).await?;
    Ok(success(CredentialBody::new(&credential, Some(&secret))))
}
