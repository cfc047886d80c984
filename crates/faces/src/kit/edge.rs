use super::mount::{Called, Template};
use super::traffic::address::{Caller, Peer, ViaTrustedProxy};
use super::traffic::room::{Allowance, Rooms};
use super::{Hosts, RequestId, TrustedProxies, request_id};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use poolkeeper_pool::event::{Answered, Event};
use poolkeeper_pool::ports::Observer;
use poolkeeper_pool::request::RequestContext;
use poolkeeper_pool::system::{Clock, Rng};
use std::sync::Arc;
use tracing::Instrument;

/// The face's name for a failure. The response carries it to the observer.
#[derive(Clone, Copy)]
pub(crate) struct Exception(pub(crate) &'static str);

/// Marks a response that must not say how long to wait.
#[derive(Clone, Copy)]
pub(crate) struct Unspoken;

/// Marks a request for a host that is not ours. The face whose path it is refuses it in its own
/// words, before any endpoint sees it.
#[derive(Clone, Copy)]
pub(crate) struct Misdirected;

/// What every request passes on its way in and every response on its way out.
pub(crate) struct Edge {
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) rng: Arc<dyn Rng>,
    pub(crate) observer: Arc<dyn Observer>,
    pub(crate) proxies: TrustedProxies,
    pub(crate) hosts: Hosts,
    pub(crate) rooms: Rooms,
}

/// Gives the request its id and its context, sets the general headers of the response, and reports
/// the answer to the observer.
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
    if peer.is_some_and(|Peer(peer)| edge.proxies.lists(peer)) {
        extensions.insert(ViaTrustedProxy);
    }
    extensions.insert(Allowance { bytes: Arc::clone(&edge.rooms.bytes), whom });
    extensions.insert(id.clone());
    // Held until there is an answer. The face refuses a request that gets no place, in its own
    // words.
    let place = edge.rooms.requests.take(whom, 1);
    let _place = place.map_err(|crowded| extensions.insert(crowded));
    // The span has the highest level, so that no filter removes the id from errors logged inside.
    let span = tracing::error_span!("request", id = id.as_str());
    let address = whom.map(|whom| whom.to_string());
    let agent = agent(request.headers());
    let context = RequestContext::new(id.as_str(), edge.clock.now()).with_caller(address, agent);
    let context = Arc::new(context);
    request.extensions_mut().insert(Arc::clone(&context));
    async move {
        let method = request.method().clone();
        if !edge.hosts.accept(&request) {
            request.extensions_mut().insert(Misdirected);
        }
        let mut response = next.run(request).await;
        set_general_headers(response.headers_mut(), &id);
        set_wait(&mut response);
        let answered = Answered {
            method: method.as_str(),
            // The template, not the path: a stranger can put anything into an unknown path.
            path: response.extensions().get::<Template>().map_or("-", |template| template.0),
            operation: response.extensions().get::<Called>().map_or("-", |called| called.0),
            status: response.status().as_u16(),
            exception: response.extensions().get::<Exception>().map(|exception| exception.0),
            ms: u64::try_from(edge.clock.now().since(context.arrived_at).as_millis())
                .unwrap_or(u64::MAX),
        };
        edge.observer.observe(&context, &Event::Answered(answered));
        response
    }
    .instrument(span)
    .await
}

/// The name and version of the caller's library, as the caller states them. In browsers, a library
/// can state them only in Amazon's own header.
fn agent(headers: &HeaderMap) -> Option<String> {
    const LONGEST: usize = 64;
    let said = headers.get("x-amz-user-agent").or_else(|| headers.get(header::USER_AGENT));
    let product = said.and_then(|said| said.to_str().ok()?.split(' ').next());
    product.map(|product| product.chars().take(LONGEST).collect())
}

/// Adds `Retry-After` to a 429 or 503 that has none, unless it is marked [`Unspoken`].
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
    // Nearly every response holds a token or depends on the caller.
    headers.entry(header::CACHE_CONTROL).or_insert(NO_STORE);
}
