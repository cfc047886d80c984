use super::*;
use axum::Extension;
use axum::routing::get;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::{Notify, oneshot};
use tokio::task::JoinHandle;

const REQUEST: &[u8] = b"GET /peer HTTP/1.1\r\nhost: localhost\r\n\r\n";

fn limits() -> Limits {
    let soon = Duration::from_millis(50);
    Limits { header_timeout: soon, idle_timeout: soon, request_timeout: soon, ..Limits::default() }
}

/// A running server. Dropping `stop` stops it, too.
struct Running {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    ended: JoinHandle<()>,
}

async fn start(limits: Limits, router: Router) -> Running {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel();
    let ended = tokio::spawn(async move {
        serve_with(&limits, listener, router, async { stopped.await.unwrap_or(()) }).await;
    });
    Running { address, stop, ended }
}

fn peer_router() -> Router {
    Router::new().route(
        "/peer",
        get(|Extension(Peer(peer)): Extension<Peer>| async move { peer.to_string() }),
    )
}

/// Everything the server sends until it closes the connection.
async fn rest(stream: &mut TcpStream) -> String {
    let mut text = Vec::new();
    // A reset is a way of closing, too.
    stream.read_to_end(&mut text).await.ok();
    String::from_utf8_lossy(&text).into_owned()
}

#[tokio::test]
async fn requests_carry_the_address_of_the_peer() {
    let server = start(Limits::default(), peer_router()).await;
    let mut client = TcpStream::connect(server.address).await.unwrap();
    client.write_all(b"GET /peer HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.unwrap();
    let answer = rest(&mut client).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(answer.ends_with("\r\n\r\n127.0.0.1"), "{answer}");
}

#[tokio::test]
async fn a_request_in_flight_is_finished_after_the_stop_and_no_new_one_begins() {
    let (entered, release) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let handler = {
        let (entered, release) = (Arc::clone(&entered), Arc::clone(&release));
        get(async move || {
            entered.notify_one();
            release.notified().await;
            "finished"
        })
    };
    let Running { address, stop, ended } =
        start(Limits::default(), Router::new().route("/peer", handler)).await;
    let mut client = TcpStream::connect(address).await.unwrap();
    client.write_all(REQUEST).await.unwrap();
    entered.notified().await;
    let mut idle = TcpStream::connect(address).await.unwrap();

    stop.send(()).unwrap();
    assert_eq!(rest(&mut idle).await, "");
    assert!(TcpStream::connect(address).await.is_err());
    assert!(!ended.is_finished());
    release.notify_one();
    let answer = rest(&mut client).await;
    assert!(answer.contains("connection: close") && answer.ends_with("finished"), "{answer}");
    ended.await.unwrap();
}

#[tokio::test]
async fn a_request_that_does_not_finish_in_time_is_cut_at_the_stop() {
    let entered = Arc::new(Notify::new());
    let handler = {
        let entered = Arc::clone(&entered);
        get(async move || {
            entered.notify_one();
            pending::<()>().await;
        })
    };
    let limits = Limits { drain: Duration::from_millis(20), ..Limits::default() };
    let Running { address, stop, ended } =
        start(limits, Router::new().route("/peer", handler)).await;
    let mut client = TcpStream::connect(address).await.unwrap();
    client.write_all(REQUEST).await.unwrap();
    entered.notified().await;
    stop.send(()).unwrap();
    ended.await.unwrap();
    assert_eq!(rest(&mut client).await, "");
}

#[tokio::test]
async fn clients_that_are_slow_or_silent_are_dropped() {
    let server = start(limits(), peer_router()).await;
    let begun: [&[u8]; 5] = [
        b"",
        b"PRI * HT",
        b"GET /peer HTTP/1.1\r\nhost: localhost\r\nx-slow:",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        REQUEST,
    ];
    for bytes in begun {
        let mut client = TcpStream::connect(server.address).await.unwrap();
        client.write_all(bytes).await.unwrap();
        let closed = timeout(Duration::from_secs(5), rest(&mut client)).await;
        assert!(closed.is_ok(), "{}", bytes.escape_ascii());
    }
}

#[tokio::test]
async fn a_request_that_takes_too_long_is_told_so() {
    let router = Router::new().route("/peer", get(pending::<()>));
    let server = start(limits(), router).await;
    let mut client = TcpStream::connect(server.address).await.unwrap();
    client.write_all(REQUEST).await.unwrap();
    let answer = rest(&mut client).await;
    assert!(
        answer.starts_with("HTTP/1.1 408 Request Timeout\r\nconnection: close\r\n"),
        "{answer}"
    );
}

#[tokio::test]
async fn too_many_or_too_long_headers_are_refused() {
    let server = start(Limits::default(), peer_router()).await;
    let many = "x: y\r\n".repeat(65);
    let long = format!("x: {}\r\n", "y".repeat(33 * 1024));
    for headers in [many, long] {
        let mut client = TcpStream::connect(server.address).await.unwrap();
        let request = format!("GET /peer HTTP/1.1\r\nhost: localhost\r\n{headers}\r\n");
        client.write_all(request.as_bytes()).await.unwrap();
        let answer = rest(&mut client).await;
        assert!(answer.starts_with("HTTP/1.1 431 "), "{answer}");
    }
}

#[tokio::test]
async fn connections_beyond_the_cap_wait_for_a_free_place() {
    let server = start(Limits { connections: 1, ..Limits::default() }, peer_router()).await;
    let first = TcpStream::connect(server.address).await.unwrap();
    let mut second = TcpStream::connect(server.address).await.unwrap();
    second.write_all(REQUEST).await.unwrap();
    let mut byte = [0];
    let unanswered = timeout(Duration::from_millis(50), second.read(&mut byte)).await;
    assert!(unanswered.is_err());
    drop(first);
    assert_eq!(second.read(&mut byte).await.unwrap(), 1);
}

#[test]
fn errors_of_one_peer_do_not_hold_up_others() {
    assert!(concerns_one_peer(&io::ErrorKind::ConnectionAborted.into()));
    let too_many_open_files = io::Error::from_raw_os_error(24);
    assert!(!concerns_one_peer(&too_many_open_files));
}
