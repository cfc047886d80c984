//! What the faces share about HTTP, and nothing about users.

mod address;
mod bearer;
mod body;
mod challenge;
mod context;
mod cors;
mod edge;
mod failure;
mod flaw;
mod hosts;
mod html;
mod limiter;
mod members;
pub(crate) mod most;
mod mount;
mod operation;
mod percent;
mod request_id;
mod room;
mod root;
mod sample;

pub use address::{Network, NetworkError, Peer, TrustedProxies};
pub(crate) use bearer::{BearerFlaw, bare_or_bearer, bearer};
pub use body::{Held, read_body};
pub(crate) use body::{LARGEST, MostBytes, SMALL, members};
pub(crate) use challenge::parameters as challenge_parameters;
pub(crate) use context::{Context, context_of};
pub(crate) use cors::{is_preflight, listed_origin};
pub(crate) use edge::{Edge, Exception, Unspoken, edge};
pub(crate) use failure::{report_fault, report_misconfiguration};
pub use flaw::BodyFlaw;
pub use hosts::Hosts;
pub(crate) use html::{css, escape, html};
pub use limiter::Counting;
pub(crate) use limiter::{Blocked, Limiter, Origin, Wait};
pub(crate) use members::{Flaw, Members, Name, Rejected};
pub use mount::Route;
pub(crate) use mount::{Called, Claim, Endpoints, Mount, Template, under};
pub(crate) use operation::{
    Api, DescribedAnswer, Failing, Operation, Parameter, RequestBody, failing,
};
pub(crate) use percent::{decode, encode, parameter, query};
pub use request_id::RequestId;
pub(crate) use room::Rooms;
pub use room::{Crowded, Room, Share};
pub(crate) use sample::{JwtText, SEALED, SealedText};

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
