use super::address::{Caller, Peer};
use super::door::{Called, Template};
use super::room::{Allowance, Rooms};
use super::{Hosts, RequestId, TrustedProxies, request_id};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use poolkeeper_pool::system::{Clock, Rng};
use std::sync::Arc;
use tracing::Instrument;

/// Marks a response that shall not say how long to wait.
#[derive(Clone, Copy)]
pub(crate) struct Unspoken;

/// What every request passes on its way in and every response on its way out.
pub(crate) struct Edge {
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) rng: Arc<dyn Rng>,
    pub(crate) proxies: TrustedProxies,
    pub(crate) hosts: Hosts,
    pub(crate) rooms: Rooms,
}

/// Gives the request its id and the caller's address, the response its general headers, and the
/// log one line.
pub(crate) async fn edge(
    State(edge): State<Arc<Edge>>,
    mut request: Request,
    next: Next,
) -> Response {
    let id = RequestId::of(request.headers(), edge.rng.as_ref());
    let peer = request.extensions().get::<Peer>().copied();
    let whom = peer.map(|Peer(peer)| edge.proxies.caller(peer, request.headers()));
    let extensions = request.extensions_mut();
    if let Some(whom) = whom {
        extensions.insert(Caller(whom));
    }
    extensions.insert(Allowance { bytes: Arc::clone(&edge.rooms.bytes), whom });
    extensions.insert(id.clone());
    // Held until there is an answer. Who gets no place is refused by the face, in its own words.
    let place = edge.rooms.requests.take(whom, 1);
    let _place = place.map_err(|crowded| extensions.insert(crowded));
    // At the highest level, so that no filter cuts the id off the errors logged inside.
    let span = tracing::error_span!("request", id = id.as_str());
    async move {
        let (method, began) = (request.method().clone(), edge.clock.now());
        let agent = agent(request.headers());
        let mut response = if edge.hosts.accept(&request) {
            next.run(request).await
        } else {
            // In the words of no face: which one is meant, only a host that is ours could say.
            crate::plain(StatusCode::MISDIRECTED_REQUEST)
        };
        set_general_headers(response.headers_mut(), &id);
        set_wait(&mut response);
        let ms = edge.clock.now().since(began).as_millis();
        // The template and not the path: unknown paths are whatever a stranger typed.
        let path = response.extensions().get::<Template>().map_or("-", |template| template.0);
        let operation = response.extensions().get::<Called>().map_or("-", |called| called.0);
        let status = response.status().as_u16();
        tracing::info!(%method, path, operation, status, ms, agent, "answered");
        response
    }
    .instrument(span)
    .await
}

/// The name and version of the caller's library, as it says itself. Browsers let libraries say so
/// only in a header of Amazon's.
fn agent(headers: &HeaderMap) -> String {
    const LONGEST: usize = 64;
    let said = headers.get("x-amz-user-agent").or_else(|| headers.get(header::USER_AGENT));
    let product = said.and_then(|said| said.to_str().ok()?.split(' ').next());
    product.unwrap_or("-").chars().take(LONGEST).collect()
}

/// Says to an answer that asks for patience that it does, where the face has not said for how long.
fn set_wait(response: &mut Response) {
    const A_MOMENT: HeaderValue = HeaderValue::from_static("1");
    let asks = [StatusCode::TOO_MANY_REQUESTS, StatusCode::SERVICE_UNAVAILABLE];
    if asks.contains(&response.status()) && response.extensions().get::<Unspoken>().is_none() {
        response.headers_mut().entry(header::RETRY_AFTER).or_insert(A_MOMENT);
    }
}

fn set_general_headers(headers: &mut HeaderMap, id: &RequestId) {
    const NOSNIFF: HeaderValue = HeaderValue::from_static("nosniff");
    const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");
    const CONTENT_TYPE_OPTIONS: HeaderName = header::X_CONTENT_TYPE_OPTIONS;
    if let Some(id) = id.header_value() {
        headers.insert(request_id::HEADER, id);
    }
    headers.insert(CONTENT_TYPE_OPTIONS, NOSNIFF);
    // Nearly everything said here is a token or depends on who asks.
    headers.entry(header::CACHE_CONTROL).or_insert(NO_STORE);
}
