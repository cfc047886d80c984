//! Cognito's own protocol, handed on to Amazon: `cognito.forward`.

use super::amazon::proxies;
use crate::config::ForwardConfig;
use anyhow::Result;
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use poolkeeper_aws::{Forwarder, Limits};
use poolkeeper_faces::{BodyFlaw, Crowded, read_body};
use std::sync::Arc;

/// The longest request that is handed on, in bytes. Nobody signs them, so all are strangers'.
const MAX_BYTES: usize = 64 * 1024;

/// Answers `/` with what Amazon answers.
pub(super) fn router(to: &ForwardConfig) -> Result<Router> {
    let (connect, answer) = (to.connect_timeout, to.answer_timeout);
    let limits = Limits { connect, answer, ..Limits::default() };
    let forwarder = Arc::new(Forwarder::new(&to.target, &limits, &proxies())?);
    Ok(Router::new().route("/", any(forward)).with_state(forwarder))
}

async fn forward(State(forwarder): State<Arc<Forwarder>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    if !matches!(head.method, Method::POST | Method::OPTIONS) {
        return refuse(StatusCode::METHOD_NOT_ALLOWED, "UnknownOperationException", "");
    }
    let signature = head.headers.get(header::AUTHORIZATION);
    if signature.is_some_and(|value| value.as_bytes().starts_with(b"AWS4-")) {
        // The signature is of the host that the request was sent to, and only its caller can make it.
        let message = "Signed requests cannot be forwarded: send them to Amazon.";
        return refuse(StatusCode::BAD_REQUEST, "InvalidSignatureException", message);
    }
    if let Some(crowded) = head.extensions.get::<Crowded>() {
        return turn_away(*crowded);
    }
    let body = match read_body(&head.extensions, body, MAX_BYTES).await {
        Ok(body) => body,
        Err(BodyFlaw::Crowded(crowded)) => return turn_away(crowded),
        Err(BodyFlaw::TooLarge) => {
            let name = "RequestEntityTooLargeException";
            return refuse(StatusCode::PAYLOAD_TOO_LARGE, name, "Request is too large.");
        }
        Err(_) => {
            let message = "The request body could not be read.";
            return refuse(StatusCode::BAD_REQUEST, "SerializationException", message);
        }
    };
    match forwarder.forward(head.method, head.headers, body.to_vec()).await {
        Ok(answer) => {
            let mut response = Response::new(Body::from(answer.body));
            let status = StatusCode::from_u16(answer.status);
            *response.status_mut() = status.unwrap_or(StatusCode::BAD_GATEWAY);
            *response.headers_mut() = answer.headers;
            response
        }
        Err(error) => {
            tracing::error!(%error, "could not forward a request");
            let message = "Amazon does not answer.";
            refuse(StatusCode::SERVICE_UNAVAILABLE, "ServiceUnavailableException", message)
        }
    }
}

/// That there is no room for a call.
fn turn_away(crowded: Crowded) -> Response {
    let mut response = match crowded {
        Crowded::Origin => {
            refuse(StatusCode::TOO_MANY_REQUESTS, "TooManyRequestsException", "Rate exceeded")
        }
        Crowded::Everywhere => refuse(
            StatusCode::SERVICE_UNAVAILABLE,
            "ServiceUnavailableException",
            "Service unavailable.",
        ),
    };
    response.headers_mut().insert(header::RETRY_AFTER, Crowded::WAIT.into());
    response
}

/// An error in the protocol's own form.
fn refuse(status: StatusCode, name: &'static str, message: &str) -> Response {
    let body = serde_json::json!({ "__type": name, "message": message }).to_string();
    let headers = [(header::CONTENT_TYPE, "application/x-amz-json-1.1")];
    (status, headers, body).into_response()
}
