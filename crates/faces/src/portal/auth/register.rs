//! `POST /api/auth/register`: sign up, where the operator lets people.

use crate::kit::{Context, Members, Name, Operation, json, most};
use crate::portal::failure::{
    ALIAS_EXISTS, Failure, INVALID_PARAMETER, INVALID_PASSWORD, LIMIT_EXCEEDED, USERNAME_EXISTS,
    Wording,
};
use crate::portal::{PortalMount, api, not_found, validation};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use poolkeeper_pool::backend::self_service::Registration;
use poolkeeper_pool::backend::user_pool::Via;
use poolkeeper_pool::crypto::secret::Secret;
use poolkeeper_pool::entity::Attributes;
use schemars::JsonSchema;
use serde::Serialize;
use std::sync::Arc;

const SENT: &str = "Registration successful. Please check your email for verification code.";
const EXISTS: &str = "An account with this email already exists";
pub(in crate::portal) const WORDING: Wording = Wording {
    known: &[
        (USERNAME_EXISTS, StatusCode::CONFLICT, EXISTS),
        (ALIAS_EXISTS, StatusCode::CONFLICT, EXISTS),
        (
            INVALID_PASSWORD,
            StatusCode::BAD_REQUEST,
            "Password does not meet requirements: Must contain uppercase, lowercase, number, and \
             special character",
        ),
        (INVALID_PARAMETER, StatusCode::BAD_REQUEST, "Invalid email format"),
        (
            LIMIT_EXCEEDED,
            StatusCode::TOO_MANY_REQUESTS,
            "Too many registration attempts. Please try again later.",
        ),
    ],
    error: "Registration failed",
    failed: "Registration failed",
};

pub(in crate::portal) const EMAIL: Name = Name::new("email").like("ann@example.com");
const PASSWORD: Name = Name::new("password").like("New-Passw0rd");
const NAME: Name = Name::new("name").like("Ann");
const ORGANIZATION: Name = Name::new("organization").about("Accepted, but not stored.");
const COUNTRY: Name = Name::new("country").about("Accepted, but not stored.");

struct Body {
    email: String,
    password: Secret,
    name: String,
}

impl Body {
    fn read(members: &mut Members) -> Self {
        let body = Self {
            email: members.text(EMAIL, 0..=most::NAME),
            password: members.secret(PASSWORD, 0..=most::CLAIMED_PASSWORD),
            name: members.text(NAME, 0..=most::VALUE),
        };
        // Cognito has no attributes for them: they are accepted, and kept nowhere.
        members.optional_trimmed(ORGANIZATION, 0..=most::VALUE);
        members.optional_trimmed(COUNTRY, 0..=most::VALUE);
        body
    }
}

#[derive(JsonSchema, Serialize)]
#[schemars(rename = "Registered")]
struct Reply<'a> {
    #[schemars(example = &"c4f6a2b0-4d2e-4c11-9a53-0f6f1c2d3e4f")]
    user_id: &'a str,
    #[schemars(example = &"ann@example.com")]
    email: &'a str,
    #[schemars(example = false)]
    email_verified: bool,
    #[schemars(example = &"Ann")]
    name: &'a str,
    #[schemars(example = &SENT)]
    message: &'static str,
    #[schemars(example = true)]
    verification_required: bool,
}

pub(in crate::portal) fn describe() -> Operation {
    Operation::new(api::SIGN_UP, "Sign up")
        .about("Available only if the operator lets people sign up.")
        .body(Body::read)
        .answers_with::<Reply<'_>>(StatusCode::CREATED, "A code was sent to the address.")
        .fails([not_found()])
        .fails(WORDING.failures(&[]))
}

pub(in crate::portal) async fn handle(
    State(mount): State<Arc<PortalMount>>,
    Context(context): Context,
    request: Request,
) -> Result<Response, Failure> {
    let Body { email, password, name } = validation::body(request, Body::read).await?;
    let new = Registration {
        via: Via::trusted(&mount.client),
        username: email.clone(),
        password: Some(password),
        attributes: Attributes::from_iter([("email", email.as_str()), ("name", &name)]),
        groups: Vec::new(),
        by_administrator: false,
    };
    let registered = mount.self_service.register(&context, new).await;
    let registered = registered.map_err(|error| WORDING.failure(error))?;
    let reply = Reply {
        user_id: registered.sub.as_str(),
        email: &email,
        email_verified: false,
        name: &name,
        message: SENT,
        verification_required: true,
    };
    Ok(json(StatusCode::CREATED, &reply))
}
