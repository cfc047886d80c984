//! `POST /Login`: sign in to a tenant, as a person with a password or as a machine with the secret
//! of its client id. Machines are users like any other here.

use super::failure::Failure;
use super::gate::Gate;
use super::{FaceState, api, reply, request};
use crate::kit::{Context, Members, Name, Operation, most};
use axum::extract::{Request, State};
use axum::response::Response;
use poolkeeper_pool::backend::user_pool::{SignIn, Via};
use poolkeeper_pool::crypto::secret::Secret;
use std::sync::Arc;

const NEEDED: &str = "UserName, TenantName and Password are required";

const USER_NAME: Name = Name::new("UserName")
    .about("The name of a person, or the client id of a machine.")
    .like("ann@example.com");
const PASSWORD: Name = Name::new("Password")
    .about("The password of a person, or the secret of a machine.")
    .like("Demo-Passw0rd");

struct Body {
    user_name: String,
    tenant_name: String,
    password: Secret,
}

impl Body {
    fn read(members: &mut Members) -> Self {
        Self {
            user_name: members.trimmed(USER_NAME, 1..=most::NAME),
            tenant_name: members.trimmed(request::TENANT_NAME, 1..=most::NAME),
            password: members.secret(PASSWORD, 1..=most::CLAIMED_PASSWORD),
        }
    }
}

pub(super) fn describe() -> Operation {
    Operation::new(api::SIGN_IN, "Sign in to a tenant")
        .about("A failure does not reveal which was wrong: the tenant, the user or the password.")
        .spelled("/Login")
        .body(Body::read)
        .answers::<reply::Complete<'_>>("Signed in.")
        .answers::<reply::Asked<'_>>("A challenge must be answered first.")
        .fails([Failure::Invalid(NEEDED.into()), Failure::NotAuthorized])
        .fails([Failure::UserNotConfirmed, Failure::PasswordResetRequired])
}

pub(super) async fn handle(
    State(state): State<Arc<FaceState>>,
    Context(context): Context,
    request: Request,
) -> Result<Response, Failure> {
    state.logins.check(request.extensions()).await?;
    let Body { user_name, tenant_name, password } =
        request::body(request, Body::read, NEEDED).await?;
    let gate = Gate::find(&*state.mount.directory, &tenant_name).await?;
    let gate = gate.ok_or(Failure::NotAuthorized)?;
    let command = SignIn {
        via: Via::trusted(&gate.client()),
        username: user_name,
        password,
        device: None,
        entry_policy: gate.entry_policy(),
    };
    let outcome = state.mount.pool.sign_in(&context, command).await;
    let outcome = gate.judge(outcome, Failure::NotAuthorized)?;
    Ok(reply::outcome(&outcome, gate.tenant(), state.mount.flat_tokens))
}
