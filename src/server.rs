//! The accept loop: HTTP/1.1 and HTTP/2 over TCP with limits on everything a stranger may hold.

use axum::Router;
use axum::http::{Request, Response, StatusCode, header};
use hyper::body::Incoming;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use poolkeeper_faces::Peer;
use std::convert::Infallible;
use std::future::pending;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};

/// What one stranger, and all of them together, may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Open connections; more wait in the backlog of the operating system.
    pub connections: usize,
    /// Time from the opening of a connection to the end of its first request's headers.
    pub header_timeout: Duration,
    /// Time from one request to the end of the next one's headers. Longer than the usual minute
    /// of proxies and SDKs, so that it is they who close the connections they may still use.
    pub idle_timeout: Duration,
    /// Time for a whole request, from the end of its headers to the start of its answer.
    pub request_timeout: Duration,
    /// Header fields of a request.
    pub headers: usize,
    /// Bytes of a request's headers.
    pub header_bytes: u32,
    /// Requests at a time on one HTTP/2 connection.
    pub streams: u32,
    /// Time that requests in flight are given when the server stops.
    pub drain: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 10_000,
            header_timeout: Duration::from_secs(15),
            idle_timeout: Duration::from_secs(75),
            request_timeout: Duration::from_secs(30),
            headers: 64,
            header_bytes: 32 * 1024,
            streams: 100,
            drain: Duration::from_secs(10),
        }
    }
}

/// Serves `router` until `shutdown` completes, then lets requests in flight finish.
///
/// Every request carries its [`Peer`] as an extension.
pub async fn serve(listener: TcpListener, router: Router, shutdown: impl Future<Output = ()>) {
    serve_with(&Limits::default(), listener, router, shutdown).await;
}

/// [`serve`] with other limits.
pub async fn serve_with(
    limits: &Limits,
    listener: TcpListener,
    router: Router,
    shutdown: impl Future<Output = ()>,
) {
    let (stop, stopped) = watch::channel(());
    let mut connections = JoinSet::new();
    let server = Arc::new(Server { limits: *limits, builder: builder(limits), router, stopped });
    let mut shutdown = pin!(shutdown);
    let slots = Arc::new(Semaphore::new(limits.connections));
    loop {
        let accepted = tokio::select! {
            biased;
            () = &mut shutdown => break,
            Some(_) = connections.join_next() => continue,
            accepted = async {
                let slot = Arc::clone(&slots).acquire_owned().await;
                (accept(&listener).await, slot)
            } => accepted,
        };
        let ((stream, peer), slot) = accepted;
        let server = Arc::clone(&server);
        connections.spawn(async move {
            server.connection(stream, peer).await;
            drop(slot);
        });
    }
    drop(listener);
    stop.send_replace(());
    let drained = async { while connections.join_next().await.is_some() {} };
    if timeout(limits.drain, drained).await.is_err() {
        tracing::warn!(connections = connections.len(), "closing connections that did not finish");
        connections.shutdown().await;
    }
}

/// The next connection. Failures are waited out, since they end when others close theirs.
async fn accept(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok(accepted) => return accepted,
            Err(error) if concerns_one_peer(&error) => {}
            Err(error) => {
                tracing::error!(%error, "no connection can be accepted");
                sleep(Duration::from_secs(1)).await;
            }
        }
    }
}

fn concerns_one_peer(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted)
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
        .keep_alive_interval(limits.header_timeout)
        .keep_alive_timeout(limits.header_timeout);
    builder
}

struct Server {
    limits: Limits,
    builder: Builder<TokioExecutor>,
    router: Router,
    stopped: watch::Receiver<()>,
}

impl Server {
    /// Serves one connection until it is closed, falls silent, or the server stops.
    async fn connection(&self, stream: TcpStream, peer: SocketAddr) {
        // Answers are small and complete when written: waiting to merge them only delays them.
        stream.set_nodelay(true).ok();
        let activity = Arc::new(Activity::default());
        let router = TowerToHyperService::new(self.router.clone());
        let (within, active) = (self.limits.request_timeout, Arc::clone(&activity));
        let service = service_fn(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(Peer(peer.ip()));
            let guard = active.begin();
            let answer = router.call(request);
            async move {
                let answer = timeout(within, answer).await;
                drop(guard);
                answer.unwrap_or_else(|_| Ok::<_, Infallible>(too_late()))
            }
        });
        let mut connection = pin!(self.builder.serve_connection(TokioIo::new(stream), service));
        let mut stopped = self.stopped.clone();
        tokio::select! {
            biased;
            result = &mut connection => return log_end(peer, result),
            _ = stopped.changed() => {}
            () = activity.missing(self.limits.header_timeout) => return,
            () = activity.silence(self.limits.idle_timeout) => {}
        }
        connection.as_mut().graceful_shutdown();
        // The end for peers who neither read nor close; requests in flight end before it.
        let last = self.limits.request_timeout + self.limits.header_timeout;
        if let Ok(result) = timeout(last, connection).await {
            log_end(peer, result);
        }
    }
}

fn too_late() -> Response<axum::body::Body> {
    let mut answer = Response::new(axum::body::Body::empty());
    *answer.status_mut() = StatusCode::REQUEST_TIMEOUT;
    // An unread body would be taken for the next request.
    answer.headers_mut().insert(header::CONNECTION, header::HeaderValue::from_static("close"));
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

    /// Completes when `period` has gone by without a request. hyper does not count the time in
    /// which it waits to see which protocol a connection speaks.
    async fn missing(&self, period: Duration) {
        sleep(period).await;
        if self.begun.load(Ordering::Relaxed) > 0 {
            pending::<()>().await;
        }
    }

    /// Completes when no request was in flight for at least `period`; hyper has no such limit for
    /// HTTP/2.
    async fn silence(&self, period: Duration) {
        let mut ticks = interval(period);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        ticks.tick().await;
        let mut before = None;
        loop {
            let begun = self.begun.load(Ordering::Relaxed);
            let idle = begun == self.ended.load(Ordering::Relaxed);
            if idle && before == Some(begun) {
                return;
            }
            before = idle.then_some(begun);
            ticks.tick().await;
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
