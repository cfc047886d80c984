//! `POST /api/auth/forgot-password`: have a code sent that replaces a forgotten password.

use crate::kit::{Context, Operation, json};
use crate::portal::failure::{
    Failure, INVALID_PARAMETER, LIMIT_EXCEEDED, NOT_AUTHORIZED, TOO_MUCH, USER_NOT_FOUND, Wording,
};
use crate::portal::{PortalMount, api, username, validation};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use poolkeeper_pool::backend::self_service::{Delivery, conceal_recipient};
use poolkeeper_pool::entity::Contact;
use schemars::JsonSchema;
use serde::Serialize;
use std::sync::Arc;

pub(in crate::portal) const WORDING: Wording = Wording {
    known: &[
        (USER_NOT_FOUND, StatusCode::NOT_FOUND, "User not found"),
        (INVALID_PARAMETER, StatusCode::BAD_REQUEST, "Invalid username format"),
        (LIMIT_EXCEEDED, StatusCode::TOO_MANY_REQUESTS, TOO_MUCH),
    ],
    error: "Reset password error",
    failed: "Failed to send reset code",
};

const SENT: &str =
    "Reset instructions sent to email. Please check your inbox for the verification code.";

#[derive(JsonSchema, Serialize)]
#[schemars(rename = "CodeSent")]
struct Reply<'a> {
    #[schemars(example = true)]
    success: bool,
    #[schemars(example = &SENT)]
    message: &'static str,
    /// Absent if the operator hides which users exist.
    #[serde(skip_serializing_if = "Option::is_none")]
    delivery: Option<CodeDelivery<'a>>,
}

/// Where the code went, in Cognito's format.
#[derive(JsonSchema, Serialize)]
#[serde(rename_all = "PascalCase")]
struct CodeDelivery<'a> {
    /// The address, masked.
    #[schemars(example = &"a***@e***")]
    destination: &'a str,
    /// `EMAIL` or `SMS`.
    #[schemars(example = &"EMAIL")]
    delivery_medium: &'static str,
    #[schemars(example = &"email")]
    attribute_name: &'static str,
}

impl<'a> CodeDelivery<'a> {
    fn of(delivery: &'a Delivery) -> Self {
        let delivery_medium = match delivery.contact {
            Contact::Email => "EMAIL",
            Contact::PhoneNumber => "SMS",
        };
        let attribute_name = delivery.contact.attribute();
        Self { destination: &delivery.destination, delivery_medium, attribute_name }
    }
}

pub(in crate::portal) fn describe() -> Operation {
    Operation::new(api::PASSWORDS, "Request a code for a forgotten password")
        .about(
            "If the operator hides which users exist, the answer for every name is a 200 without \
             `delivery`.",
        )
        .body(username::read)
        .answers::<Reply<'_>>("A code was sent.")
        .fails(WORDING.failures(&[NOT_AUTHORIZED]))
}

pub(in crate::portal) async fn handle(
    State(mount): State<Arc<PortalMount>>,
    Context(context): Context,
    request: Request,
) -> Result<Response, Failure> {
    let username = validation::body(request, username::read).await?;
    let sent = mount.self_service.forgot_password(&context, &mount.client, &username).await;
    let reply = if mount.expose_unknown_users {
        sent.map(|delivery| told(Some(&delivery)))
    } else {
        conceal_recipient(sent).map(|()| told(None))
    };
    reply.map_err(|error| WORDING.failure(error))
}

fn told(delivery: Option<&Delivery>) -> Response {
    let reply = Reply { success: true, message: SENT, delivery: delivery.map(CodeDelivery::of) };
    json(StatusCode::OK, &reply)
}
