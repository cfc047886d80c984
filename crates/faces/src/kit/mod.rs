//! What the faces share about HTTP, and nothing about users.

mod context;
mod cors;
mod edge;
mod failure;
mod html;
pub(crate) mod most;
mod mount;
mod operation;
mod parse;
mod request_id;
mod sample;
mod traffic;

pub(crate) use context::{Context, context_of};
pub(crate) use cors::{is_preflight, listed_origin};
pub(crate) use edge::{Edge, Exception, Misdirected, Unspoken, edge};
pub(crate) use failure::{report_error, report_fault, report_misconfiguration};
pub(crate) use html::{css, escape, html};
pub use mount::Route;
pub(crate) use mount::{Called, Claim, Endpoints, Mount, under};
pub(crate) use operation::{
    Api, DescribedAnswer, Failing, Operation, Parameter, RequestBody, failing,
};
pub(crate) use parse::bearer::{BearerFlaw, bare_or_bearer, bearer};
pub use parse::body::{Held, read_body};
pub(crate) use parse::body::{LARGEST, MostBytes, SMALL, members, members_of_any_type};
pub(crate) use parse::challenge::parameters as challenge_parameters;
pub use parse::flaw::BodyFlaw;
pub(crate) use parse::members::{Flaw, Members, Name, Rejected};
pub(crate) use parse::percent::{decode, encode, parameter, query};
pub use request_id::RequestId;
pub(crate) use sample::{JwtText, SEALED, SealedText};
pub(crate) use traffic::address::ViaTrustedProxy;
pub use traffic::address::{Network, NetworkError, Peer, TrustedProxies};
pub use traffic::hosts::Hosts;
pub use traffic::limiter::Counting;
pub(crate) use traffic::limiter::{Blocked, Limiter, Origin, Wait};
pub(crate) use traffic::room::Rooms;
pub use traffic::room::{Crowded, Room, Share};

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

/// A reply in JSON.
pub(crate) fn json(status: StatusCode, body: &impl Serialize) -> Response {
    const JSON: HeaderValue = HeaderValue::from_static("application/json");
    match serde_json::to_vec(body) {
        Ok(bytes) => (status, [(header::CONTENT_TYPE, JSON)], bytes).into_response(),
        // Replies are plain structs and maps with text keys, which always serialize.
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
