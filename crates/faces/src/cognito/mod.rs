//! Amazon Cognito's own protocol (AWS JSON 1.1): one path, the operation named in `X-Amz-Target`.

mod app_client;
mod convert;
mod device;
mod error;
mod filter;
mod flow;
mod mfa_config;
mod ops;
mod pool_rules;
mod pool_schema;
mod signed_host;
mod sigv4;
mod srp_time;
mod step;
mod user_auth;
mod user_pool;

pub use ops::is_offered;

use crate::kit::{self, Blocked, Counting, Crowded, Held, Limiter, Origin};
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::uri::Authority;
use axum::http::{Extensions, HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, post};
use error::{CONTENT_TYPE, CognitoError};
use poolkeeper_cognito_api::{Auth, Operation};
use poolkeeper_pool::Refusal;
use poolkeeper_pool::backend::self_service::SelfService;
use poolkeeper_pool::local::Local;
use poolkeeper_pool::request::{Actor, RequestContext};
use std::num::NonZeroU32;
use std::sync::Arc;

const TARGET: &str = "x-amz-target";
const TARGET_PREFIX: &str = "AWSCognitoIdentityProviderService.";
const EXPOSED: HeaderValue =
    HeaderValue::from_static("x-amzn-RequestId,x-amzn-ErrorType,x-amzn-ErrorMessage,Date");

/// Where the protocol is served from.
#[derive(Clone)]
pub struct CognitoMount {
    /// The engine.
    pub engine: Arc<Local>,
    /// Sets up authenticator apps, also in sign-ins to pools that live elsewhere.
    pub self_service: Arc<dyn SelfService>,
    /// By what calls are counted. Its clock tells signatures' ages, too.
    pub counting: Counting,
    /// How often in a minute one address may call operations that take passwords, codes or tokens
    /// of strangers; `None` means as often as it likes.
    pub attempts_per_address: Option<NonZeroU32>,
    /// The hosts that clients know the server by, with the port if they have one. Where a signature
    /// is for one of them and another arrived, the log says so.
    pub known_hosts: Vec<Authority>,
}

/// The protocol, with who called how often.
struct FaceState {
    mount: CognitoMount,
    attempts: Limiter,
}

/// One call of an operation.
#[derive(Clone)]
struct Call {
    engine: Arc<Local>,
    self_service: Arc<dyn SelfService>,
    /// Who asks.
    context: Arc<RequestContext>,
}

/// What an operation answers: a JSON object, or nothing where the service model has no output.
type AnswerBody = Result<Option<Vec<u8>>, CognitoError>;

/// The handlers of the protocol's one path.
pub(crate) fn methods(mount: CognitoMount) -> MethodRouter {
    let most = mount.attempts_per_address;
    let attempts = Limiter::per_minute("cognito attempts", most, &mount.counting);
    let state = Arc::new(FaceState { mount, attempts });
    post(answer).options(preflight).fallback(wrong_method).with_state(state)
}

/// The protocol as a router of its own.
pub fn router(mount: CognitoMount) -> Router {
    Router::new().route("/", methods(mount))
}

async fn answer(State(state): State<Arc<FaceState>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let answer = carry_out(&state, &parts, body).await;
    if let Err(error) = &answer {
        error.note(&kit::context_of(&parts.extensions));
    }
    let mut response = render(answer, request_id(&parts.extensions));
    if let Ok(operation) = target(&parts.headers) {
        response.extensions_mut().insert(kit::Called(operation.name()));
    }
    response
}

async fn wrong_method(request: Request) -> Response {
    render(Err(CognitoError::wrong_method()), request_id(request.extensions()))
}

fn request_id(extensions: &Extensions) -> Option<HeaderValue> {
    extensions.get::<kit::RequestId>().and_then(kit::RequestId::header_value)
}

/// Whatever the headers alone can decide is decided before a byte of the body is read.
async fn carry_out(state: &FaceState, parts: &Parts, body: Body) -> AnswerBody {
    if let Some(crowded) = parts.extensions.get::<Crowded>() {
        return Err(CognitoError::crowded(*crowded));
    }
    check_content_type(&parts.headers)?;
    let operation = target(&parts.headers)?;
    let context = kit::context_of(&parts.extensions);
    let body = if operation.auth() == Auth::SigV4 {
        let claim = sigv4::claim(&state.mount, parts).await?;
        let body = read(parts, body, kit::LARGEST).await?;
        claim.authorize(&state.mount, operation, parts, &body)?;
        context.note_actor(Actor::AccessKey(claim.id().clone()));
        body
    } else {
        count(state, operation, parts).await?;
        read(parts, body, kit::SMALL).await?
    };
    let CognitoMount { engine, self_service, .. } = state.mount.clone();
    // In a box, so that a request whose body is still on its way takes little room.
    Box::pin(ops::run(operation, Call { engine, self_service, context }, &body)).await
}

async fn read(parts: &Parts, body: Body, most: usize) -> Result<Held, CognitoError> {
    let body = kit::read_body(&parts.extensions, body, most).await;
    body.map_err(|flaw| CognitoError::unreadable(&flaw))
}

/// Counts a stranger's attempt.
async fn count(state: &FaceState, operation: Operation, parts: &Parts) -> Result<(), CognitoError> {
    if takes_attempts(operation)
        && let Some(origin) = Origin::of(&parts.extensions)
    {
        state
            .attempts
            .check(&kit::context_of(&parts.extensions), origin.to_string())
            .await
            .map_err(|blocked| match blocked {
                Blocked::TooMany(_) => Refusal::Busy.into(),
                Blocked::Failed(error) => CognitoError::from(error),
            })?;
    }
    Ok(())
}

/// Whether strangers can try passwords, codes, tokens or names by an operation.
const fn takes_attempts(operation: Operation) -> bool {
    matches!(
        operation,
        Operation::InitiateAuth
            | Operation::RespondToAuthChallenge
            | Operation::GetTokensFromRefreshToken
            | Operation::RevokeToken
            | Operation::SignUp
            | Operation::ConfirmSignUp
            | Operation::ResendConfirmationCode
            | Operation::ForgotPassword
            | Operation::ConfirmForgotPassword
    )
}

fn target(headers: &HeaderMap) -> Result<Operation, CognitoError> {
    let name = headers.get(TARGET).and_then(|target| target.to_str().ok());
    let name = name.and_then(|target| target.strip_prefix(TARGET_PREFIX));
    name.and_then(Operation::from_name).ok_or_else(CognitoError::unknown_operation)
}

/// SDKs send the protocol's content type, with or without a character set.
fn check_content_type(headers: &HeaderMap) -> Result<(), CognitoError> {
    let given = headers.get(header::CONTENT_TYPE).and_then(|given| given.to_str().ok());
    let essence = given.and_then(|given| given.split(';').next()).map(str::trim);
    if essence.is_some_and(|essence| essence.eq_ignore_ascii_case("application/x-amz-json-1.1")) {
        Ok(())
    } else {
        Err(CognitoError::serialization("Content-Type must be application/x-amz-json-1.1"))
    }
}

fn render(answer: AnswerBody, id: Option<HeaderValue>) -> Response {
    let mut response = match answer {
        Ok(Some(body)) => ([(header::CONTENT_TYPE, CONTENT_TYPE)], body).into_response(),
        Ok(None) => StatusCode::OK.into_response(),
        Err(error) => error.into_response(),
    };
    let headers = response.headers_mut();
    if let Some(id) = id {
        headers.insert(HeaderName::from_static("x-amzn-requestid"), id);
    }
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
    response
}

/// Browsers may call from anywhere: what authorises a call is in its body, never in a cookie.
async fn preflight() -> Response {
    let headers = [
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (header::ACCESS_CONTROL_ALLOW_METHODS, "POST, OPTIONS"),
        (
            header::ACCESS_CONTROL_ALLOW_HEADERS,
            "content-type, x-amz-target, x-amz-user-agent, x-amz-date, x-amz-security-token, \
             x-amz-content-sha256, authorization, cache-control, amz-sdk-invocation-id, \
             amz-sdk-request",
        ),
        (header::ACCESS_CONTROL_MAX_AGE, "86400"),
    ];
    (StatusCode::OK, headers).into_response()
}
