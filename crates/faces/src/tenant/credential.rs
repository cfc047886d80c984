//! Machine credentials as this API shows them, in the envelope of its product's other endpoints.

use crate::kit::json;
use axum::http::StatusCode;
use axum::response::Response;
use poolkeeper_pool::backend::tenancy::Credential;
use poolkeeper_pool::crypto::secret::Secret;
use poolkeeper_pool::ids::GroupName;
use schemars::JsonSchema;
use serde::Serialize;

/// A machine credential.
#[derive(JsonSchema, Serialize)]
#[schemars(rename = "Credential")]
pub(super) struct CredentialBody<'a> {
    /// The `UserName` that the machine signs in with.
    #[serde(rename = "ClientID")]
    #[schemars(example = &"4f0c1x2y3z4f0c1x2y3z4f0c1x")]
    client_id: &'a str,
    /// The `Password` that the machine signs in with. Only in the answer to its creation.
    #[serde(rename = "Secret", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    secret: Option<&'a Secret>,
    /// The display name.
    #[serde(rename = "Name")]
    #[schemars(example = &"Turnstile 7")]
    name: &'a str,
    /// The groups of the credential, besides the tenant's own.
    #[serde(rename = "Grants")]
    grants: Vec<&'a str>,
    /// Seconds since 1970.
    #[serde(rename = "CreatedOn")]
    #[schemars(example = 1_767_225_600)]
    created_on: i64,
}

impl<'a> CredentialBody<'a> {
    pub(super) fn new(credential: &'a Credential, secret: Option<&'a Secret>) -> Self {
        Self {
            client_id: credential.client_id.as_str(),
            secret,
            name: &credential.name,
            grants: credential.grants.iter().map(GroupName::as_str).collect(),
            created_on: credential.created_at.seconds(),
        }
    }
}

/// What every answer of these endpoints looks like.
#[derive(JsonSchema, Serialize)]
#[schemars(rename = "Success_{T}")]
pub(super) struct Envelope<T> {
    #[schemars(example = &"Success")]
    message: &'static str,
    data: T,
}

/// Empty.
#[derive(JsonSchema, Serialize)]
pub(super) struct Nothing {}

/// Success, with what there is to tell.
pub(super) fn success<T: Serialize>(data: T) -> Response {
    json(StatusCode::OK, &Envelope { message: "Success", data })
}
