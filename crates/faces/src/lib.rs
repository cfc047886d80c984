//! The HTTP faces of Poolkeeper: one module per dialect, and [`Faces`], which puts them behind one
//! router.
//!
//! A face parses its dialect, calls one verb of the engine and renders the outcome, or the
//! refusal, in its own shapes. It holds no rule about users. What faces share about HTTP is in
//! `kit`; faces do not know each other.

pub mod cognito;
mod inbox;
mod invalid;
mod kit;
mod openapi;
mod operator;
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
pub use well_known::{DiscoveryDocument, KeySource, WellKnownMount};

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::from_fn_with_state;
use axum::response::Response;
use kit::{Claim, Edge, Misdirected, Mount, Rooms, edge};
use openapi::Document;
use poolkeeper_pool::entity;
use poolkeeper_pool::ports::Observer;
use poolkeeper_pool::request::Reason;
use poolkeeper_pool::system::{Clock, Rng};
use serde_json::json;
use std::sync::Arc;

/// Everything that one address serves. A face that is `None` is not served.
pub struct Faces {
    /// Tells when requests arrive, and how long they take.
    pub clock: Arc<dyn Clock>,
    /// Generates the ids of requests.
    pub rng: Arc<dyn Rng>,
    /// Receives the answer to each request.
    pub observer: Arc<dyn Observer>,
    /// The proxies whose `X-Forwarded-For` is trusted. The server puts the connection's own address
    /// among a request's extensions as [`Peer`].
    pub proxies: TrustedProxies,
    /// The hosts that requests may ask for.
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
    /// Whether to serve the OpenAPI documents of the sign-in APIs that are there. The portal API then
    /// has its own at the paths of its original, too.
    pub api_docs: bool,
    /// Whether to serve the endpoints for operators, such as `GET /health`.
    pub operator: bool,
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
            operator: false,
        }
    }

    /// The router of all faces. The first face that claims the path of a request and takes its
    /// method there answers it. If none does, the first one that claims the path answers in its own
    /// words, unless several share the path. A path that no face claims is answered by the only
    /// sign-in API; if there are several, with a plain 404.
    pub fn router(self) -> Router {
        let docs = self.api_docs.then(|| openapi::mount(self.documents()));
        let mounts = [
            self.operator.then(operator::mount),
            docs,
            self.well_known.map(WellKnownMount::mount),
            self.inbox.map(inbox::mount),
            self.tenant.map(TenantMount::mount),
            self.portal.map(|portal| portal.mount(self.api_docs)),
            self.partner.map(PartnerMount::mount),
            self.cognito.map(cognito_mount),
        ];
        let dispatching = dispatching(mounts.into_iter().flatten().collect());
        let Self { clock, rng, observer, proxies, hosts, .. } = self;
        let edge_state = Edge { clock, rng, observer, proxies, hosts, rooms: Rooms::default() };
        dispatching.layer(from_fn_with_state(Arc::new(edge_state), edge))
    }
}

impl Faces {
    /// The OpenAPI documents of the sign-in APIs that are there.
    fn documents(&self) -> Vec<Document> {
        let partner = self.partner.as_ref().map(|face| PartnerMount::document(&face.prefix));
        let portal = self.portal.as_ref().map(|face| PortalMount::document(&face.prefix));
        let tenant = self.tenant.as_ref().map(|face| TenantMount::document(&face.prefix));
        let named = [("partner", partner), ("portal", portal), ("tenant", tenant)].into_iter();
        named.filter_map(|(name, value)| Some(Document { name, value: value? })).collect()
    }
}

/// Cognito's protocol at its only path. It answers itself when there is no room for a call.
fn cognito_mount(router: Router) -> Mount {
    let routes = [Method::POST, Method::OPTIONS].map(|method| Route { method, path: "/" });
    let claim = |path: &str| (path == "/").then(|| path.to_owned());
    Mount::new(claim, routes.to_vec(), router).turning_away_itself().of(entity::Face::Cognito)
}

struct Dispatcher {
    mounts: Vec<Mount>,
}

impl Dispatcher {
    /// The only sign-in API that is there. Paths that are nobody's are answered in its words.
    fn lone(&self) -> Option<&Mount> {
        let mut apis = self.mounts.iter().filter(|mount| mount.is_sign_in_api());
        let first = apis.next();
        first.filter(|_| apis.next().is_none())
    }
}

/// Hands each request to a face.
fn dispatching(mounts: Vec<Mount>) -> Router {
    Router::new().fallback(answer).with_state(Arc::new(Dispatcher { mounts }))
}

async fn answer(State(dispatcher): State<Arc<Dispatcher>>, request: Request) -> Response {
    let path = request.uri().path();
    let claims: Vec<_> = dispatcher.mounts.iter().filter_map(|mount| mount.claim(path)).collect();
    let takes = |method: &Method| claims.iter().find(|claim| claim.methods.contains(&method));
    let taker = takes(request.method()).or_else(|| takes(&announced(&request)?));
    let nowhere = dispatcher.lone().map(Mount::nowhere);
    if request.extensions().get::<Misdirected>().is_some() {
        kit::context_of(request.extensions()).note_reason(Reason::UnknownHost);
        let claim = taker.or(claims.first()).or(nowhere.as_ref());
        let plainly = || plain(StatusCode::MISDIRECTED_REQUEST);
        return claim.map_or_else(plainly, |claim| claim.misdirected(&request));
    }
    if let Some(claim) = taker {
        return claim.answer(request).await;
    }
    let sharing: Vec<_> = claims.iter().filter(|claim| !claim.methods.is_empty()).collect();
    if sharing.len() > 1 {
        return method_not_allowed(&sharing);
    }
    match sharing.first().copied().or(claims.first()).or(nowhere.as_ref()) {
        Some(claim) => claim.answer(request).await,
        None => plain(StatusCode::NOT_FOUND),
    }
}

/// The method that a browser's preflight request asks about.
fn announced(request: &Request) -> Option<Method> {
    if request.method() != Method::OPTIONS || !kit::is_preflight(request.headers()) {
        return None;
    }
    let method = request.headers().get(header::ACCESS_CONTROL_REQUEST_METHOD)?;
    Method::from_bytes(method.as_bytes()).ok()
}

/// The answer if no face of those that share a path takes the method. `Allow` lists the methods of
/// all of them.
fn method_not_allowed(sharing: &[&Claim<'_>]) -> Response {
    let methods = sharing.iter().flat_map(|claim| &claim.methods).map(|method| method.as_str());
    let mut response = plain(StatusCode::METHOD_NOT_ALLOWED);
    if let Ok(allowed) = HeaderValue::from_str(&methods.collect::<Vec<_>>().join(",")) {
        response.headers_mut().insert(header::ALLOW, allowed);
    }
    response
}

/// A status in no face's words: its name as a JSON message.
fn plain(status: StatusCode) -> Response {
    let message = status.canonical_reason().unwrap_or("Error");
    kit::json(status, &json!({ "message": message }))
}

/// The answer if there is no room for a request, in no face's words.
fn plainly_crowded(crowded: Crowded) -> Response {
    let mut response = plain(match crowded {
        Crowded::Origin => StatusCode::TOO_MANY_REQUESTS,
        Crowded::Everywhere => StatusCode::SERVICE_UNAVAILABLE,
    });
    response.headers_mut().insert(header::RETRY_AFTER, Crowded::WAIT.into());
    response
}
