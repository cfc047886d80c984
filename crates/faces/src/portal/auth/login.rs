//! `POST /api/auth/login`: sign in with a password.

use crate::kit::{Context, JwtText, Members, Name, Operation, SealedText, json, most};
use crate::portal::failure::{Failure, NOT_AUTHORIZED, TOO_MANY_REQUESTS, USER_NOT_FOUND, Wording};
use crate::portal::user::User;
use crate::portal::{PortalMount, api, username, validation};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use poolkeeper_pool::backend::user_pool::{
    Challenge, ChallengeKind, Outcome, SignIn, SignedIn, Via,
};
use poolkeeper_pool::crypto::secret::Secret;
use poolkeeper_pool::error::{Error, Refusal};
use poolkeeper_pool::request::RequestContext;
use schemars::JsonSchema;
use serde::Serialize;
use std::sync::Arc;

pub(in crate::portal) const PATH: &str = "/api/auth/login";

pub(in crate::portal) const WORDING: Wording = Wording {
    known: &[
        (NOT_AUTHORIZED, StatusCode::UNAUTHORIZED, "Invalid credentials"),
        (USER_NOT_FOUND, StatusCode::UNAUTHORIZED, "User not found"),
    ],
    error: "Authentication error",
    failed: "Login failed",
};

const PASSWORD: Name = Name::new("password").like("Demo-Passw0rd");

struct Body {
    username: String,
    password: Secret,
}

impl Body {
    fn read(members: &mut Members) -> Self {
        Self {
            username: username::read(members),
            password: members.secret(PASSWORD, 0..=most::CLAIMED_PASSWORD),
        }
    }
}

/// A completed sign-in.
#[derive(JsonSchema, Serialize)]
#[schemars(rename = "SignedIn")]
pub(super) struct Complete<'a> {
    #[schemars(with = "JwtText")]
    access_token: &'a Secret,
    #[schemars(with = "Option<SealedText>")]
    refresh_token: Option<&'a Secret>,
    #[schemars(example = &"bearer")]
    token_type: &'static str,
    user: User<'a>,
    /// Seconds until the access token expires.
    #[schemars(example = 3600)]
    expires_in: u64,
}

/// A second factor must be given first.
#[derive(JsonSchema, Serialize)]
pub(super) struct SecondFactorRequired<'a> {
    /// Empty.
    #[schemars(example = &"")]
    access_token: &'static str,
    #[schemars(example = &"bearer")]
    token_type: &'static str,
    /// Shows only the username that was sent.
    user: User<'a>,
    #[schemars(example = 0)]
    expires_in: u64,
    #[schemars(example = false)]
    requires_password_change: bool,
    #[schemars(example = true)]
    requires_mfa: bool,
    /// Which factor is asked for. Send it with the code.
    #[schemars(example = &"SOFTWARE_TOKEN_MFA")]
    challenge: &'static str,
    /// Send it with the code.
    #[schemars(with = "SealedText")]
    session: &'a Secret,
    #[schemars(example = &"ann@example.com")]
    username: &'a str,
    #[schemars(example = &"Second factor required")]
    message: &'static str,
}

/// A temporary password must be replaced first.
#[derive(JsonSchema, Serialize)]
struct PasswordChangeRequired<'a> {
    /// Empty.
    #[schemars(example = &"")]
    access_token: &'static str,
    #[schemars(example = &"bearer")]
    token_type: &'static str,
    /// Shows only the username that was sent.
    user: User<'a>,
    #[schemars(example = 0)]
    expires_in: u64,
    #[schemars(example = true)]
    requires_password_change: bool,
    /// Send it with the new password.
    #[schemars(with = "SealedText")]
    session: &'a Secret,
    #[schemars(example = &"ann@example.com")]
    username: &'a str,
    #[schemars(example = &"Password change required")]
    message: &'static str,
}

pub(in crate::portal) fn describe() -> Operation {
    Operation::new(api::SIGN_IN, "Sign in with a password")
        .about(
            "A 500 names an exception for which no other status fits: the user is not confirmed, \
             there were too many attempts (`TooManyRequestsException`, with `Retry-After`), or the \
             sign-in asks for a challenge that this API does not support.",
        )
        .names_throttling()
        .body(Body::read)
        .answers::<Complete<'_>>("Signed in.")
        .answers::<PasswordChangeRequired<'_>>("A temporary password must be replaced first.")
        .answers::<SecondFactorRequired<'_>>(
            "A second factor must be given first. Only if the operator has second factors asked for.",
        )
        .fails(WORDING.failures(&["UserNotConfirmedException", "SOFTWARE_TOKEN_MFA"]))
        .fails([throttled(Failure::overloaded())])
}

/// A failure in the words that are documented for it. Clients read the name of Cognito's exception,
/// then wait and try again.
pub(in crate::portal) fn throttled(failure: Failure) -> Failure {
    if failure.asks_for_patience() {
        WORDING.exception(TOO_MANY_REQUESTS).waiting_as(&failure)
    } else {
        failure
    }
}

pub(in crate::portal) async fn handle(
    State(mount): State<Arc<PortalMount>>,
    Context(context): Context,
    request: Request,
) -> Result<Response, Failure> {
    sign_in(&mount, &context, request).await.map_err(throttled)
}

async fn sign_in(
    mount: &PortalMount,
    context: &RequestContext,
    request: Request,
) -> Result<Response, Failure> {
    let Body { username, password } = validation::body(request, Body::read).await?;
    let command = SignIn {
        device: None,
        via: Via::trusted(&mount.client),
        username: username.clone(),
        password,
        entry_policy: mount.entry_policy(),
    };
    match mount.pool.sign_in(context, command).await {
        Ok(Outcome::SignedIn(signed_in)) => Ok(complete(&signed_in, mount)),
        Ok(Outcome::Challenge(challenge)) => asked(&challenge, &username, mount),
        Err(Error::Refused(Refusal::UserNotFound)) if !mount.expose_unknown_users => {
            Err(WORDING.exception(NOT_AUTHORIZED))
        }
        Err(error) => Err(WORDING.failure(error)),
    }
}

pub(super) fn complete(signed_in: &SignedIn, mount: &PortalMount) -> Response {
    let body = Complete {
        access_token: &signed_in.access_token,
        refresh_token: signed_in.refresh_token.as_ref(),
        token_type: "bearer",
        user: User::of(&signed_in.profile, mount),
        expires_in: signed_in.expires_in,
    };
    json(StatusCode::OK, &body)
}

/// The answer that asks for a second factor, if a code of one is asked for and the operator wants it.
pub(super) fn factor(
    challenge: &Challenge,
    username: &str,
    mount: &PortalMount,
) -> Option<Response> {
    let factor = challenge.kind.factor().filter(|_| mount.second_factors)?;
    let body = SecondFactorRequired {
        access_token: "",
        token_type: "bearer",
        user: User::unknown(username, mount),
        expires_in: 0,
        requires_password_change: false,
        requires_mfa: true,
        challenge: factor.name(),
        session: &challenge.session,
        username,
        message: "Second factor required",
    };
    Some(json(StatusCode::OK, &body))
}

/// What this API can ask for: a new password and, if the operator wants it, a second factor. Users of
/// whom something else is asked cannot come in through it.
fn asked(challenge: &Challenge, username: &str, mount: &PortalMount) -> Result<Response, Failure> {
    if !matches!(challenge.kind, ChallengeKind::NewPasswordRequired { .. }) {
        let factor = factor(challenge, username, mount);
        return factor.ok_or_else(|| WORDING.exception(challenge.kind.name()));
    }
    let body = PasswordChangeRequired {
        access_token: "",
        token_type: "bearer",
        user: User::unknown(username, mount),
        expires_in: 0,
        requires_password_change: true,
        session: &challenge.session,
        username,
        message: "Password change required",
    };
    Ok(json(StatusCode::OK, &body))
}
