//! Cognito's answer, in the shape of this API.

use crate::kit::{JwtText, SealedText, challenge_parameters, json};
use axum::http::StatusCode;
use axum::response::Response;
use poolkeeper_pool::backend::user_pool::{Challenge, Outcome, SignedIn};
use poolkeeper_pool::crypto::secret::Secret;
use poolkeeper_pool::entity::Tenant;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

/// A completed sign-in.
#[derive(JsonSchema, Serialize)]
#[schemars(rename = "SignedIn")]
pub(super) struct Complete<'a> {
    #[serde(rename = "cognitoToken")]
    cognito_token: CompleteToken<'a>,
    user: User<'a>,
}

#[derive(JsonSchema, Serialize)]
#[serde(rename_all = "PascalCase")]
#[schemars(rename = "CognitoToken")]
struct CompleteToken<'a> {
    /// Empty.
    challenge_parameters: BTreeMap<&'static str, String>,
    authentication_result: AuthenticationResult<'a>,
    /// Only if the operator has switched it on.
    #[serde(flatten)]
    copies: Option<Copies<'a>>,
}

/// The tokens.
#[derive(JsonSchema, Serialize)]
#[serde(rename_all = "PascalCase")]
struct AuthenticationResult<'a> {
    #[schemars(with = "JwtText")]
    id_token: &'a Secret,
    #[schemars(example = &"Bearer")]
    token_type: &'static str,
    /// Seconds until the tokens expire.
    #[schemars(example = 3600)]
    expires_in: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<SealedText>")]
    refresh_token: Option<&'a Secret>,
    #[schemars(with = "JwtText")]
    access_token: &'a Secret,
}

/// The tokens again, where older clients look for them.
#[derive(JsonSchema, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Copies<'a> {
    #[schemars(with = "JwtText")]
    id_token: &'a Secret,
    #[schemars(with = "JwtText")]
    access_token: &'a Secret,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<SealedText>")]
    refresh_token: Option<&'a Secret>,
    expires_in: u64,
}

/// The user who signed in.
#[derive(JsonSchema, Serialize)]
struct User<'a> {
    /// The user's `sub`.
    #[serde(rename = "OloID")]
    #[schemars(example = &"c4f6a2b0-4d2e-4c11-9a53-0f6f1c2d3e4f")]
    oloid: &'a str,
    #[serde(rename = "TenantID")]
    #[schemars(example = &"7f0c3a52")]
    tenant_id: &'a str,
    #[serde(rename = "TenantName")]
    #[schemars(example = &"Acme")]
    tenant_name: &'a str,
}

/// A challenge to answer.
#[derive(JsonSchema, Serialize)]
#[schemars(rename = "Challenge")]
pub(super) struct Asked<'a> {
    #[serde(rename = "cognitoToken")]
    cognito_token: AskedToken<'a>,
}

#[derive(JsonSchema, Serialize)]
#[serde(rename_all = "PascalCase")]
#[schemars(rename = "CognitoChallenge")]
struct AskedToken<'a> {
    /// The challenge, as Cognito names it.
    #[schemars(example = &"EMAIL_OTP")]
    challenge_name: &'static str,
    #[schemars(with = "SealedText")]
    session: &'a Secret,
    /// What the client needs for the answer. Lists and maps are JSON in a string.
    challenge_parameters: BTreeMap<&'static str, String>,
}

/// Tokens, or a challenge.
pub(super) fn outcome(outcome: &Outcome, tenant: &Tenant, flat_copies: bool) -> Response {
    match outcome {
        Outcome::SignedIn(signed_in) => complete(signed_in, tenant, flat_copies),
        Outcome::Challenge(challenge) => asked(challenge),
    }
}

/// Tokens.
pub(super) fn complete(signed_in: &SignedIn, tenant: &Tenant, flat_copies: bool) -> Response {
    let (id_token, access_token) = (&signed_in.id_token, &signed_in.access_token);
    let (refresh_token, expires_in) = (signed_in.refresh_token.as_ref(), signed_in.expires_in);
    let copies = Copies { id_token, access_token, refresh_token, expires_in };
    let token_type = "Bearer";
    let cognito_token = CompleteToken {
        challenge_parameters: BTreeMap::new(),
        authentication_result: AuthenticationResult {
            id_token,
            token_type,
            expires_in,
            refresh_token,
            access_token,
        },
        copies: flat_copies.then_some(copies),
    };
    let oloid = signed_in.profile.sub.as_str();
    let user = User { oloid, tenant_id: tenant.id.as_str(), tenant_name: &tenant.name };
    json(StatusCode::OK, &Complete { cognito_token, user })
}

fn asked(challenge: &Challenge) -> Response {
    let cognito_token = AskedToken {
        challenge_name: challenge.kind.name(),
        session: &challenge.session,
        challenge_parameters: challenge_parameters(challenge),
    };
    json(StatusCode::OK, &Asked { cognito_token })
}
