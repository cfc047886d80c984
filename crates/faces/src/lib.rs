//! The HTTP faces of Poolkeeper: one module per dialect, and [`Faces`], which puts them behind one
//! router.
//!
//! A face parses its dialect, calls one verb of the engine and renders the outcome, or the
//! refusal, in its own shapes. It holds no rule about users. What faces share about HTTP is in
//! `kit`; faces do not know each other.

pub mod cognito;
mod inbox;
mod kit;
mod openapi;
mod partner;
mod portal;
mod tenant;
mod well_known;

#[cfg(test)]
mod tests;

pub use inbox::Inbox;
pub use kit::{
    BodyFlaw, Counting, Crowded, Held, Hosts, Network, NetworkError, Peer, RequestId, Room, Route,
    Share, TrustedProxies, read_body,
};
pub use openapi::ApiDocs;
pub use partner::{DOCUMENTED_PREFIX, PartnerLimits, PartnerMount};
pub use portal::{PortalMount, PortalTexts};
pub use tenant::TenantMount;
pub use well_known::{KeySource, WellKnownMount};

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use kit::{Door, Edge, Rooms, Template, edge};
use openapi::Document;
use poolkeeper_pool::ports::Observer;
use poolkeeper_pool::system::{Clock, Rng};
use serde_json::json;
use std::convert::Infallible;
use std::sync::Arc;
use tower::ServiceExt;

/// Everything one address serves. Faces that are `None` do not exist.
pub struct Faces {
    /// Times requests, for the log.
    pub clock: Arc<dyn Clock>,
    /// Makes ids of requests.
    pub rng: Arc<dyn Rng>,
    /// Hears how requests end.
    pub observer: Arc<dyn Observer>,
    /// The proxies whose `X-Forwarded-For` is believed. The connection's own address is what the
    /// server puts among a request's extensions as [`Peer`].
    pub proxies: TrustedProxies,
    /// The hosts under which requests may ask for this server.
    pub hosts: Hosts,
    /// Cognito's JSON protocol: answers `POST /` and `OPTIONS /`.
    pub cognito: Option<Router>,
    /// Discovery documents and public keys of all pools.
    pub well_known: Option<WellKnownMount>,
    /// The partner API.
    pub partner: Option<PartnerMount>,
    /// The portal API.
    pub portal: Option<PortalMount>,
    /// The tenant API.
    pub tenant: Option<TenantMount>,
    /// The development inbox.
    pub inbox: Option<Arc<dyn Inbox>>,
    /// Whether the documents of the three APIs are served, of those that are there.
    pub api_docs: bool,
}

impl Faces {
    /// No face yet.
    pub fn new(clock: Arc<dyn Clock>, rng: Arc<dyn Rng>, observer: Arc<dyn Observer>) -> Self {
        Self {
            clock,
            rng,
            observer,
            proxies: TrustedProxies::default(),
            hosts: Hosts::default(),
            cognito: None,
            well_known: None,
            partner: None,
            portal: None,
            tenant: None,
            inbox: None,
            api_docs: false,
        }
    }

    /// The router of all faces. A path is answered by the first face that claims it, in its own
    /// words even if it has no such path or method.
    pub fn router(self) -> Router {
        let docs = self.api_docs.then(|| openapi::door(self.documents()));
        let doors = [
            docs,
            self.well_known.map(WellKnownMount::door),
            self.inbox.map(inbox::door),
            self.tenant.map(TenantMount::door),
            self.portal.map(PortalMount::door),
            self.partner.map(PartnerMount::door),
        ];
        let doors = doors.into_iter().flatten().collect();
        let dispatcher = Arc::new(Dispatcher { doors, cognito: self.cognito });
        let Self { clock, rng, observer, proxies, hosts, .. } = self;
        let edge_state = Edge { clock, rng, observer, proxies, hosts, rooms: Rooms::default() };
        Router::new()
            .fallback(answer)
            .with_state(dispatcher)
            .layer(from_fn_with_state(Arc::new(edge_state), edge))
    }
}

impl Faces {
    /// The documents of the faces that are there.
    fn documents(&self) -> Vec<Document> {
        let partner = self.partner.as_ref().map(|face| PartnerMount::document(&face.prefix));
        let portal = self.portal.as_ref().map(|face| PortalMount::document(&face.prefix));
        let tenant = self.tenant.as_ref().map(|face| TenantMount::document(&face.prefix));
        let named = [("partner", partner), ("portal", portal), ("tenant", tenant)].into_iter();
        named.filter_map(|(name, value)| Some(Document { name, value: value? })).collect()
    }
}

struct Dispatcher {
    doors: Vec<Door>,
    cognito: Option<Router>,
}

async fn answer(State(dispatcher): State<Arc<Dispatcher>>, request: Request) -> Response {
    if request.uri().path() == "/"
        && let Some(cognito) = &dispatcher.cognito
    {
        return dispatcher.answer_root(cognito, request).await;
    }
    let path = request.uri().path();
    match dispatcher.doors.iter().find_map(|door| Some((door, door.claim(path)?))) {
        Some((door, path)) => door.answer(request, &path).await,
        None => plain(StatusCode::NOT_FOUND),
    }
}

impl Dispatcher {
    /// `/` belongs to Cognito's protocol but for `GET`, which another face may answer.
    async fn answer_root(&self, cognito: &Router, request: Request) -> Response {
        const ALLOWED: HeaderValue = HeaderValue::from_static("GET,HEAD,POST,OPTIONS");
        let other = self.doors.iter().find(|door| door.claim("/").is_some());
        match (other, request.method()) {
            (Some(other), &Method::GET | &Method::HEAD) => other.answer(request, "/").await,
            (None, _) | (Some(_), &Method::POST | &Method::OPTIONS) => {
                let answer: Result<Response, Infallible> = cognito.clone().oneshot(request).await;
                let mut response = answer.into_response();
                response.extensions_mut().insert(Template("/"));
                response
            }
            (Some(_), _) => {
                let mut response = plain(StatusCode::METHOD_NOT_ALLOWED);
                response.headers_mut().insert(header::ALLOW, ALLOWED);
                response
            }
        }
    }
}

/// A status in the words of no face: its name as a JSON message.
fn plain(status: StatusCode) -> Response {
    let message = status.canonical_reason().unwrap_or("Error");
    kit::json(status, &json!({ "message": message }))
}

/// That there is no room for a request, in the words of no face.
fn plainly_crowded(crowded: Crowded) -> Response {
    let mut response = plain(match crowded {
        Crowded::Origin => StatusCode::TOO_MANY_REQUESTS,
        Crowded::Everywhere => StatusCode::SERVICE_UNAVAILABLE,
    });
    response.headers_mut().insert(header::RETRY_AFTER, Crowded::WAIT.into());
    response
}
