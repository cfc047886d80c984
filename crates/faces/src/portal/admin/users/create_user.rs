//! `POST /api/admin/users`: make a user with a temporary password.

use crate::kit::{Context, Members, Name, Operation, json, most};
use crate::portal::admin::failure::{failure, failures};
use crate::portal::admin::gate::Administrator;
use crate::portal::admin::operation;
use crate::portal::failure::{Failure, INVALID_PARAMETER, INVALID_PASSWORD, USERNAME_EXISTS};
use crate::portal::{PortalMount, api, validation};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use poolkeeper_pool::backend::administration::{Invitation, NewUser};
use poolkeeper_pool::crypto::secret::Secret;
use poolkeeper_pool::entity::{Attributes, Contact, Kind, UserStatus};
use schemars::JsonSchema;
use serde::Serialize;
use std::sync::Arc;

const FAILED: &str = "Failed to create user";

const USERNAME: Name = Name::new("username")
    .about("The answer repeats it. It has no other use: users sign in with their address.")
    .like("ann@example.com");
const EMAIL: Name = Name::new("email")
    .about("Converted to lower case. Counts as verified.")
    .like("ann@example.com");
const TEMPORARY_PASSWORD: Name = Name::new("temporary_password").like("Temp0rary!");
const SEND_EMAIL: Name = Name::new("send_email")
    .about("Whether to mail the temporary password to the user. Default: `true`.");

struct Body {
    /// Read and given back. Users go by their address.
    username: String,
    email: String,
    temporary_password: Secret,
    send_email: bool,
}

impl Body {
    fn read(members: &mut Members) -> Self {
        Self {
            username: members.text(USERNAME, 0..=most::NAME),
            email: members.text(EMAIL, 0..=most::NAME),
            temporary_password: members.secret(TEMPORARY_PASSWORD, 0..=most::CLAIMED_PASSWORD),
            send_email: members.optional_flag(SEND_EMAIL).unwrap_or(true),
        }
    }
}

#[derive(JsonSchema, Serialize)]
#[schemars(rename = "UserCreated")]
struct Reply<'a> {
    #[schemars(example = true)]
    success: bool,
    #[schemars(example = &"User created successfully")]
    message: &'static str,
    user: Created<'a>,
}

/// The username and the address as they were sent, and the user's status.
#[derive(JsonSchema, Serialize)]
struct Created<'a> {
    #[schemars(example = &"ann@example.com")]
    username: &'a str,
    #[schemars(example = &"ann@example.com")]
    email: &'a str,
    #[schemars(example = &"FORCE_CHANGE_PASSWORD")]
    status: &'static str,
    /// The same as `status`.
    #[schemars(example = &"FORCE_CHANGE_PASSWORD")]
    user_status: &'static str,
}

pub(in crate::portal) fn describe() -> Operation {
    let refusals = [USERNAME_EXISTS, INVALID_PASSWORD, INVALID_PARAMETER];
    operation(api::USERS, "Create a user with a temporary password")
        .body(Body::read)
        .answers::<Reply<'_>>("The user signs in with the temporary password and replaces it.")
        .fails(failures(FAILED, &refusals))
}

pub(in crate::portal) async fn handle(
    State(mount): State<Arc<PortalMount>>,
    Context(context): Context,
    _: Administrator,
    request: Request,
) -> Result<Response, Failure> {
    let body = validation::body(request, Body::read).await?;
    let email = body.email.trim().to_lowercase();
    let new = NewUser {
        pool: mount.pool_id.clone(),
        username: email.clone(),
        attributes: Attributes::from_iter([("email", email.as_str()), ("email_verified", "true")]),
        temporary_password: Some(body.temporary_password),
        kind: Kind::Person,
        invitation: if body.send_email { Invitation::Send } else { Invitation::Suppress },
        mediums: vec![Contact::Email],
        force_alias: false,
        groups: Vec::new(),
    };
    mount
        .administration
        .create_user(&context, new)
        .await
        .map_err(|error| failure(FAILED, error))?;
    let status = UserStatus::ForceChangePassword.as_str();
    let (username, email) = (body.username.as_str(), body.email.as_str());
    let reply = Reply {
        success: true,
        message: "User created successfully",
        user: Created { username, email, status, user_status: status },
    };
    Ok(json(StatusCode::OK, &reply))
}
