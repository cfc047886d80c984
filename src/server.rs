//! The accept loop: HTTP/1.1 and HTTP/2 over TCP with limits on everything a stranger may hold.

mod body;
mod files;
mod framing;
mod pressure;
mod stream;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderValue, Request, Response, StatusCode, Version, header};
use body::{Rest, Timed};
use files::raise_limit;
use hyper::body::{Body as _, Incoming};
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use poolkeeper_faces::{Crowded, Peer, Room, Share, TrustedProxies};
use pressure::Pressure;
use std::convert::Infallible;
use std::future::pending;
use std::io::{self, Write as _};
use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use stream::{Guarded, Http2Place};
use tokio::net::{TcpListener, TcpStream};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{Semaphore, mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep, sleep_until, timeout};

/// What one stranger, and all of them together, may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Open connections; more wait in the backlog of the operating system.
    pub connections: usize,
    /// Open connections from one IPv4 address or one /64 of IPv6; more are refused. Those of a
    /// listed proxy are everybody's: of them, requests are counted by the address they come from.
    pub connections_per_peer: usize,
    /// Of them, those that speak HTTP/2. Each costs as much memory as many others, and serves as
    /// many requests.
    pub http2_connections: usize,
    /// The same from one address.
    pub http2_connections_per_peer: usize,
    /// Time from the opening of a connection to the end of its first request's headers.
    pub header_timeout: Duration,
    /// Time from one request to the end of the next one's headers. Longer than the usual minute
    /// of proxies and SDKs, so that it is they who close the connections they may still use. It
    /// shrinks, as the one before does, while more than half of all connections are open.
    pub idle_timeout: Duration,
    /// Time for a request's body, from the end of its headers on.
    pub body_timeout: Duration,
    /// Time for a whole request, from the end of its headers to the start of its answer.
    pub request_timeout: Duration,
    /// Header fields of a request.
    pub headers: usize,
    /// Bytes of a request's headers.
    pub header_bytes: u32,
    /// Requests at a time on one HTTP/2 connection.
    pub streams: u32,
    /// Bytes that an HTTP/2 connection may send before they are read, on one stream and on all.
    pub window: u32,
    /// Time that requests in flight are given when the server stops.
    pub drain: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 10_000,
            connections_per_peer: 256,
            http2_connections: 288,
            http2_connections_per_peer: 64,
            header_timeout: Duration::from_secs(15),
            idle_timeout: Duration::from_secs(75),
            body_timeout: Duration::from_secs(15),
            request_timeout: Duration::from_secs(30),
            headers: 64,
            header_bytes: 16 * 1024,
            streams: 16,
            window: 64 * 1024 - 1,
            drain: Duration::from_secs(10),
        }
    }
}

/// Open files that are kept for everything but the connections of callers: the database, the log,
/// outgoing calls, and operators.
const OTHER_FILES: usize = 256;

impl Limits {
    /// The defaults, with no more connections than the system lets this process have. The limit
    /// of open files is raised for them as far as it can be.
    pub fn of_this_system() -> Self {
        let limits = Self::default();
        let Some(files) = raise_limit((limits.connections + OTHER_FILES) as u64) else {
            return limits;
        };
        let limits = limits.within(usize::try_from(files).unwrap_or(usize::MAX));
        tracing::debug!(files, connections = limits.connections, "connections at a time");
        limits
    }

    /// The limits of the operators' address. Its connections count among the other files above, so
    /// operators get through while strangers hold all connections of the public address.
    #[must_use]
    pub fn for_operators(self) -> Self {
        let connections = OTHER_FILES / 4;
        Self { connections, connections_per_peer: connections, ..self }
    }

    /// No more connections than so many open files allow.
    fn within(self, files: usize) -> Self {
        let connections = self.connections.min(files.saturating_sub(OTHER_FILES).max(files / 2));
        let connections_per_peer = self.connections_per_peer.min((connections / 4).max(1));
        Self { connections, connections_per_peer, ..self }
    }
}

/// Serves `router` until `shutdown` completes, then lets requests in flight finish.
///
/// Every request carries its [`Peer`] as an extension. Connections of `proxies` are not counted by
/// address.
pub async fn serve(
    limits: &Limits,
    proxies: &TrustedProxies,
    listener: TcpListener,
    router: Router,
    shutdown: impl Future<Output = ()>,
) {
    let (stop, stopped) = watch::channel(());
    let (unfinished, mut finished) = mpsc::channel(1);
    let mut connections = JoinSet::new();
    let server = Arc::new(Server {
        limits: *limits,
        builder: builder(limits),
        router,
        pressure: Pressure::new(limits.connections),
        http2: Room::new(limits.http2_connections, limits.http2_connections_per_peer),
        stopped,
        unfinished,
    });
    let places = Room::new(usize::MAX, limits.connections_per_peer);
    let mut shutdown = pin!(shutdown);
    let mut ticks = interval(Duration::from_secs(1));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut accepting = Accepting { listener, failing: false };
    loop {
        let has_room = connections.len() < limits.connections;
        if !has_room {
            server.pressure.note_full();
        }
        let accepted = tokio::select! {
            biased;
            () = &mut shutdown => break,
            Some(_) = connections.join_next() => continue,
            _ = ticks.tick() => {
                server.pressure.note(connections.len());
                continue;
            }
            accepted = accepting.next(), if has_room => accepted,
        };
        let Some((stream, peer)) = accepted else {
            // There is room for more connections, but not for more files.
            server.pressure.note_full();
            continue;
        };
        let whom = Some(peer.ip()).filter(|address| !proxies.lists(*address));
        match places.take(whom, 1) {
            Ok(place) => {
                connections.spawn(Arc::clone(&server).connection(stream, peer, whom, place));
            }
            Err(Crowded::Origin | Crowded::Everywhere) => turn_away(stream),
        }
    }
    drop(accepting);
    stop.send_replace(());
    let drained = async {
        while connections.join_next().await.is_some() {}
        drop(server);
        // Of those who hung up, what they began.
        finished.recv().await;
    };
    if timeout(limits.drain, drained).await.is_err() {
        tracing::warn!(connections = connections.len(), "closing connections that did not finish");
        connections.shutdown().await;
    }
}

/// Where connections come in.
struct Accepting {
    listener: TcpListener,
    /// Whether the last one could not be accepted, for want of files.
    failing: bool,
}

impl Accepting {
    /// The next connection; `None` if there is one that cannot be accepted now. Trying again at
    /// once would only spin: it waits a little first, in which others may close theirs.
    async fn next(&mut self) -> Option<(TcpStream, SocketAddr)> {
        const PAUSE: Duration = Duration::from_millis(20);
        if self.failing {
            sleep(PAUSE).await;
        }
        loop {
            match self.listener.accept().await {
                Ok(accepted) => {
                    self.failing = false;
                    return Some(accepted);
                }
                Err(error) if concerns_one_peer(&error) => {}
                Err(error) => {
                    if !self.failing {
                        tracing::error!(%error, "cannot accept connections");
                    }
                    self.failing = true;
                    return None;
                }
            }
        }
    }
}

fn concerns_one_peer(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted)
}

/// Refuses a connection without reading what is asked on it.
fn turn_away(stream: TcpStream) {
    const ANSWER: &[u8] = b"HTTP/1.1 429 Too Many Requests\r\nconnection: close\r\n\
                            retry-after: 1\r\ncontent-length: 0\r\n\r\n";
    // It never waits: what does not fit into the socket's buffer at once is not sent.
    if let Ok(mut stream) = stream.into_std() {
        stream.write_all(ANSWER).ok();
    }
}

fn builder(limits: &Limits) -> Builder<TokioExecutor> {
    let header_bytes = usize::try_from(limits.header_bytes).unwrap_or(usize::MAX);
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.idle_timeout)
        .max_headers(limits.headers)
        .max_buf_size(header_bytes);
    // The defaults of the h2 crate end connections that open and reset streams in a flood.
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(limits.streams)
        .max_header_list_size(limits.header_bytes)
        .initial_stream_window_size(limits.window)
        .initial_connection_window_size(limits.window)
        .max_send_buf_size(usize::try_from(limits.window).unwrap_or(usize::MAX))
        .keep_alive_interval(limits.header_timeout)
        .keep_alive_timeout(limits.header_timeout);
    builder
}

struct Server {
    limits: Limits,
    builder: Builder<TokioExecutor>,
    router: Router,
    pressure: Pressure,
    http2: Arc<Room>,
    stopped: watch::Receiver<()>,
    /// Held by each request that is not answered. Nothing is ever sent.
    unfinished: mpsc::Sender<Infallible>,
}

/// What each request takes of its connection until it is answered, even if the peer hangs up before. So
/// whoever hangs up has no more of them at a time than whoever waits.
#[derive(Clone)]
struct Held {
    /// One permit for each request at a time.
    requests: Arc<Semaphore>,
    /// The connection's place.
    place: Arc<Share>,
}

impl Server {
    /// Serves one connection until it is closed, falls silent, or the server stops. It counts for
    /// `whom`, if for anybody.
    async fn connection(
        self: Arc<Self>,
        stream: TcpStream,
        peer: SocketAddr,
        whom: Option<IpAddr>,
        place: Share,
    ) {
        let most = usize::try_from(self.limits.streams).unwrap_or(Semaphore::MAX_PERMITS);
        let held = Held { requests: Arc::new(Semaphore::new(most)), place: Arc::new(place) };
        // Answers are small and complete when written: waiting to merge them only delays them.
        stream.set_nodelay(true).ok();
        let activity = Arc::new(Activity::default());
        let (server, active) = (Arc::clone(&self), Arc::clone(&activity));
        let service = service_fn(move |request: Request<Incoming>| {
            let guard = active.begin();
            let answer = Arc::clone(&server).answer(request, peer, held.clone());
            async move {
                let answer = answer.await;
                drop(guard);
                Ok::<_, Infallible>(answer)
            }
        });
        let http2 = Http2Place::new(Arc::clone(&self.http2), whom);
        let stream = TokioIo::new(Guarded::new(stream, http2));
        let mut connection = pin!(self.builder.serve_connection(stream, service));
        let (mut stopped, patience) = (self.stopped.clone(), self.pressure.watch());
        // The end for peers who neither read nor close; requests in flight end before it.
        let mut last = self.limits.request_timeout + self.limits.header_timeout;
        tokio::select! {
            biased;
            result = &mut connection => return log_end(peer, result),
            _ = stopped.changed() => {}
            () = activity.missing(self.limits.header_timeout, patience.clone()) => return,
            () = activity.silence(self.limits.idle_timeout, patience.clone()) => {
                last = self.limits.header_timeout.min(*patience.borrow());
            }
        }
        connection.as_mut().graceful_shutdown();
        if let Ok(result) = timeout(last, connection).await {
            log_end(peer, result);
        }
    }

    /// Answers one request, and sees to it that the connection can go on or says that it ends.
    async fn answer(
        self: Arc<Self>,
        request: Request<Incoming>,
        peer: SocketAddr,
        held: Held,
    ) -> Response<Body> {
        let version = request.version();
        if let Some(status) = self.flaw(&request) {
            return closing(empty(status), version);
        }
        let waits_for_word = request.headers().contains_key(header::EXPECT);
        let (mut request, rest) = self.timed(request);
        request.extensions_mut().insert(Peer(peer.ip()));
        let router = TowerToHyperService::new(self.router.clone());
        let (answered, unfinished) = (router.call(request), self.unfinished.clone());
        let answering = async {
            // It is never closed, so that there is a permit.
            let permit = held.requests.acquire_owned().await;
            // On a task of its own: what was begun comes to its end, even if the peer hangs up meanwhile.
            let task = tokio::spawn(async move {
                let answer = answered.await;
                drop((permit, held.place, unfinished));
                answer
            });
            task.await
        };
        let answer = timeout(self.limits.request_timeout, answering).await;
        let answer = answer.map(|answer| match answer {
            Ok(Ok(answer)) => answer,
            Ok(Err(never)) => match never {},
            Err(_) => empty(StatusCode::INTERNAL_SERVER_ERROR),
        });
        let is_late = rest.as_ref().is_some_and(|rest| rest.is_late());
        let (answer, in_time) = match answer {
            Ok(answer) if !is_late => (answer, true),
            _ => (empty(StatusCode::REQUEST_TIMEOUT), false),
        };
        let at_its_end = match rest {
            None => true,
            Some(rest) if version < Version::HTTP_2 => rest.finish(waits_for_word).await,
            Some(rest) => {
                rest.linger();
                true
            }
        };
        if in_time && at_its_end { answer } else { closing(answer, version) }
    }

    /// What HTTP/1.1 and HTTP/2 refuse alike, before anybody asks what is wanted.
    fn flaw(&self, request: &Request<Incoming>) -> Option<StatusCode> {
        let headers = request.headers();
        if headers.len() > self.limits.headers {
            return Some(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE);
        }
        match headers.get_all(header::HOST).iter().count() {
            0 if request.version() == Version::HTTP_11 => Some(StatusCode::BAD_REQUEST),
            0 | 1 => None,
            _ => Some(StatusCode::BAD_REQUEST),
        }
    }

    /// The request with a body that must arrive in time, if it has one.
    fn timed(&self, request: Request<Incoming>) -> (Request<Body>, Option<Arc<Rest>>) {
        let (parts, body) = request.into_parts();
        if body.is_end_stream() {
            return (Request::from_parts(parts, Body::empty()), None);
        }
        let within = self.limits.body_timeout.min(*self.pressure.watch().borrow());
        let (body, rest) = Timed::new(body, within);
        (Request::from_parts(parts, Body::new(body)), Some(rest))
    }
}

fn empty(status: StatusCode) -> Response<Body> {
    let mut answer = Response::new(Body::empty());
    *answer.status_mut() = status;
    answer
}

/// An answer after which the connection ends: an unread body would be taken for the next request.
/// HTTP/2 ends only its stream.
fn closing(mut answer: Response<Body>, version: Version) -> Response<Body> {
    if version < Version::HTTP_2 {
        answer.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    answer
}

fn log_end<E: std::fmt::Display>(peer: SocketAddr, result: Result<(), E>) {
    if let Err(error) = result {
        tracing::debug!(%peer, %error, "connection ended");
    }
}

/// Whether anything was asked on a connection lately.
#[derive(Default)]
struct Activity {
    /// Requests begun so far.
    begun: AtomicUsize,
    /// Requests answered so far.
    ended: AtomicUsize,
}

impl Activity {
    fn begin(self: &Arc<Self>) -> InFlight {
        self.begun.fetch_add(1, Ordering::Relaxed);
        InFlight(Arc::clone(self))
    }

    /// Completes when no request has begun in `most`, or in as much as there is patience for. hyper
    /// does not count the time in which it waits to see which protocol a connection speaks.
    async fn missing(&self, most: Duration, mut patience: watch::Receiver<Duration>) {
        let opened = Instant::now();
        while self.begun.load(Ordering::Relaxed) == 0 {
            let allowed = most.min(*patience.borrow_and_update());
            if opened.elapsed() >= allowed {
                return;
            }
            tokio::select! {
                () = sleep_until(opened + allowed) => {}
                Ok(()) = patience.changed() => {}
            }
        }
        pending::<()>().await;
    }

    /// Completes when no request was in flight for at least `most`, or for as long as there is
    /// patience; hyper has no such limit for HTTP/2.
    async fn silence(&self, most: Duration, mut patience: watch::Receiver<Duration>) {
        let (mut since, mut before) = (Instant::now(), None);
        loop {
            let allowed = most.min(*patience.borrow_and_update());
            let begun = self.begun.load(Ordering::Relaxed);
            let idle = begun == self.ended.load(Ordering::Relaxed);
            if !idle || before != Some(begun) {
                (since, before) = (Instant::now(), idle.then_some(begun));
            } else if since.elapsed() >= allowed {
                return;
            }
            tokio::select! {
                () = sleep_until(since + allowed) => {}
                Ok(()) = patience.changed() => {}
            }
        }
    }
}

struct InFlight(Arc<Activity>);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.ended.fetch_add(1, Ordering::Relaxed);
    }
}

/// Completes at the first ctrl-c (SIGINT) or SIGTERM. From this call on, neither ends the process
/// by itself.
///
/// # Errors
///
/// If the operating system refuses to have a signal handled.
pub fn stop_signal() -> io::Result<impl Future<Output = ()>> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

#[cfg(test)]
mod tests;
