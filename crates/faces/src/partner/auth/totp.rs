//! `GET` and `PUT /auth/mfa/configure/totp`: set up an authenticator app.

use crate::kit::{Context, Members, Operation, encode, json, most};
use crate::partner::problem::{Failure, Problem};
use crate::partner::{FaceState, api, names, reply, request, scope};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::Response;
use poolkeeper_pool::crypto::secret::Secret;
use schemars::JsonSchema;
use serde::Serialize;
use std::sync::Arc;

/// The key for an authenticator app.
#[derive(JsonSchema, Serialize)]
#[schemars(rename = "TotpKey")]
struct Reply<'a> {
    /// The key as a URI, for a QR code.
    #[schemars(example = &"otpauth://totp/Example:ann%40example.com?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Example")]
    qr_uri: &'a str,
    /// The key in base32.
    #[schemars(example = &"JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")]
    qr_secret: &'a str,
}

fn read(members: &mut Members) -> Secret {
    members.code(names::MFA_TOKEN, 1..=most::CODE)
}

pub(in crate::partner) fn describe() -> Operation {
    Operation::new(api::MFA, "Begin to set up an authenticator app")
        .about(
            "An existing authenticator app stays in use until the new one is verified. Callers who \
             already have a second factor need a recent sign-in.",
        )
        .bearer()
        .answers::<Reply<'_>>("A new key. It replaces an earlier key that was not verified.")
        .fails([Failure::with_subcode(Problem::Conflict, "MFA_NOT_OFFERED")])
        .fails([Problem::FreshSignInRequired])
}

pub(in crate::partner) fn describe_proof() -> Operation {
    let operation = Operation::new(api::MFA, "Verify the authenticator app")
        .about("From then on, sign-ins ask for its codes.")
        .bearer()
        .body(read);
    reply::describe_settings(operation).fails([
        Problem::MfaTokenInvalid,
        Problem::MfaTokenExpired,
        Problem::Conflict,
        Problem::FreshSignInRequired,
    ])
}

pub(in crate::partner) async fn begin(
    State(state): State<Arc<FaceState>>,
    Context(context): Context,
    parts: Parts,
) -> Result<Response, Failure> {
    let user = scope::user(&state, &parts).await?;
    let key = state.mount.self_service.associate_totp(&context, &user.token).await?;
    let email = user.profile.attributes.get("email");
    let account = email.unwrap_or(user.profile.username.as_str());
    let (issuer, account) = (encode(&state.mount.pool_name), encode(account));
    let key = key.expose();
    let qr_uri = format!(
        "otpauth://totp/{issuer}:{account}?secret={key}&issuer={issuer}&algorithm=SHA1&digits=6\
         &period=30"
    );
    Ok(json(StatusCode::OK, &Reply { qr_uri: &qr_uri, qr_secret: key }))
}

pub(in crate::partner) async fn prove(
    State(state): State<Arc<FaceState>>,
    Context(context): Context,
    parts: Parts,
    request: Request,
) -> Result<Response, Failure> {
    let user = scope::user(&state, &parts).await?;
    let code = request::body(request, read).await?;
    state.mount.self_service.enrol_totp(&context, &user.token, &code).await?;
    let now = state.partners(&context, &parts.headers).profile(&user.caller, None).await;
    Ok(reply::settings(match now {
        Ok(profile) => profile.mfa,
        // The code is spent: that the app is set up is told, whatever else there is to know.
        Err(error) if error.may_pass() => user.profile.mfa.with_app(),
        Err(error) => return Err(error.into()),
    }))
}
