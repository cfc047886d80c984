use super::*;
use axum::Extension;
use axum::routing::{any, get};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::{Notify, oneshot};
use tokio::task::JoinHandle;

const REQUEST: &[u8] = b"GET /peer HTTP/1.1\r\nhost: localhost\r\n\r\n";

fn limits() -> Limits {
    let soon = Duration::from_millis(50);
    let (header_timeout, idle_timeout, request_timeout) = (soon, soon, soon);
    Limits { header_timeout, idle_timeout, request_timeout, ..Limits::default() }
}

/// A running server. Dropping `stop` stops it, too.
struct Running {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    ended: JoinHandle<()>,
}

async fn start(limits: Limits, router: Router) -> Running {
    start_behind(TrustedProxies::default(), limits, router).await
}

async fn start_behind(proxies: TrustedProxies, limits: Limits, router: Router) -> Running {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel();
    let ended = tokio::spawn(async move {
        serve(&limits, &proxies, listener, router, async { stopped.await.unwrap_or(()) }).await;
    });
    Running { address, stop, ended }
}

fn peer_router() -> Router {
    Router::new().route(
        "/peer",
        get(|Extension(Peer(peer)): Extension<Peer>| async move { peer.to_string() }),
    )
}

/// Reads nothing of any body.
fn refusing_router() -> Router {
    Router::new().fallback(any(|| async { StatusCode::UNAUTHORIZED }))
}

/// Sends some bytes, and reads all that the server sends until it closes the connection.
async fn exchange(server: &Running, bytes: impl AsRef<[u8]>) -> String {
    let mut client = TcpStream::connect(server.address).await.unwrap();
    client.write_all(bytes.as_ref()).await.unwrap();
    timeout(Duration::from_secs(5), rest(&mut client)).await.expect("the connection stays open")
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

/// (L13)
#[tokio::test]
async fn a_body_that_comes_too_slowly_is_not_waited_for() {
    let router = Router::new().fallback(any(|body: axum::body::Bytes| async { body }));
    let soon = Duration::from_millis(50);
    let server = start(Limits { body_timeout: soon, ..Limits::default() }, router).await;
    let mut client = TcpStream::connect(server.address).await.unwrap();
    let head = b"PUT / HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n";
    client.write_all(head).await.unwrap();
    let (mut reads, mut writes) = client.into_split();
    let trickling = tokio::spawn(async move {
        while writes.write_all(b"x").await.is_ok() {
            sleep(Duration::from_millis(10)).await;
        }
    });
    let mut answer = [0; 512];
    let read = timeout(Duration::from_secs(5), reads.read(&mut answer)).await.unwrap().unwrap();
    let answer = String::from_utf8_lossy(answer.get(..read).unwrap()).into_owned();
    assert!(
        answer.starts_with("HTTP/1.1 408 Request Timeout\r\nconnection: close\r\n"),
        "{answer}"
    );
    drop(reads);
    trickling.abort();
}

/// (M4, L14) What servers may read in different ways is refused, and ends the connection.
#[tokio::test]
async fn heads_that_may_be_read_in_two_ways_are_refused() {
    let server = start(Limits::default(), peer_router()).await;
    let line = "GET /peer HTTP/1.1\r\n";
    let post = "POST /peer HTTP/1.1\r\nhost: x\r\n";
    for head in [
        format!("{line}\r\n"),
        format!("{line}host: x\r\nHost: x\r\n\r\n"),
        format!("{line}host: x\r\nhost: y\r\n\r\n"),
        format!("{line}host: x\r\nx: y\r\n z\r\n\r\n"),
        format!("{line}host: x\r\nx: y\r\n\tz\r\n\r\n"),
        format!("{line}host: x\r\nx : y\r\n\r\n"),
        format!("{line}host: x\nx: y\r\n\r\n"),
        format!("{line}host: x\r\n\n"),
        "GET /peer HTTP/1.1\nhost: x\n\n".to_owned(),
        "GET /peer HTTP/1.1\rhost: x\r\r".to_owned(),
        format!("{post}content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n"),
        format!("{post}transfer-encoding: chunked\r\ncontent-length: 5\r\n\r\n0\r\n\r\n"),
        format!("{post}transfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
        format!("{post}transfer-encoding: chunked, chunked\r\n\r\n0\r\n\r\n"),
        format!("{post}transfer-encoding: xchunked\r\n\r\n0\r\n\r\n"),
        format!("{post}transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n"),
        format!("{post}transfer-encoding: identity\r\ncontent-length: 1\r\n\r\nx"),
        format!("{post}content-length: 1\r\ncontent-length: 1\r\n\r\nx"),
        format!("{post}content-length: 1, 1\r\n\r\nx"),
        format!("{post}content-length: +1\r\n\r\nx"),
    ] {
        // What follows is no request either.
        let answer =
            exchange(&server, format!("{head}GET /peer HTTP/1.1\r\nhost: x\r\n\r\n")).await;
        assert!(answer.starts_with("HTTP/1.1 400 Bad Request\r\n"), "{head:?}: {answer}");
        assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{head:?}: {answer}");
    }
}

#[tokio::test]
async fn a_flaw_does_not_cost_the_answers_before_it() {
    let server = start(Limits::default(), peer_router()).await;
    let answer =
        exchange(&server, [REQUEST, b"GET /peer HTTP/1.1\nhost: x\r\n\r\n"].concat()).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(answer.contains("HTTP/1.1 400 Bad Request\r\n"), "{answer}");
}

#[tokio::test]
async fn a_connection_goes_on_after_a_small_body_that_nobody_read() {
    let server = start(Limits::default(), refusing_router()).await;
    let sized =
        format!("PUT / HTTP/1.1\r\nhost: x\r\ncontent-length: 60000\r\n\r\n{}", "x".repeat(60_000));
    let chunked =
        "PUT / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
    let last = "GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    let mut client = TcpStream::connect(server.address).await.unwrap();
    for request in [sized.as_str(), chunked, &sized, last] {
        // In two pieces, so that the answer could be there before the body is.
        let head = request.find("\r\n\r\n").unwrap() + 4;
        let (start, end) = request.split_at((head + 1).min(request.len()));
        client.write_all(start.as_bytes()).await.unwrap();
        tokio::task::yield_now().await;
        client.write_all(end.as_bytes()).await.unwrap();
    }
    let answers = timeout(Duration::from_secs(5), rest(&mut client)).await.unwrap();
    assert_eq!(answers.matches("HTTP/1.1 401 Unauthorized\r\n").count(), 4, "{answers}");
    assert_eq!(answers.matches("connection: close").count(), 1, "{answers}");
}

#[tokio::test]
async fn the_end_of_a_connection_is_announced_and_its_last_answer_arrives() {
    let server = start(Limits::default(), refusing_router()).await;
    let long = 1_000_000;
    let head = |more: &str| format!("PUT / HTTP/1.1\r\nhost: x\r\n{more}\r\n\r\n");
    let whole = head(&format!("content-length: {long}")) + &"x".repeat(long);
    let chunks = head("transfer-encoding: chunked")
        + &format!("10000\r\n{}\r\n", "x".repeat(0x10000)).repeat(9);
    let never_sent = head("content-length: 10");
    let waiting = head("content-length: 10\r\nexpect: 100-continue");
    for request in [whole, chunks, never_sent, waiting] {
        let answer = exchange(&server, &request).await;
        let head = request.get(..80.min(request.len())).unwrap();
        assert!(
            answer.starts_with("HTTP/1.1 401 Unauthorized\r\nconnection: close\r\n"),
            "{head}: {answer}"
        );
    }
}

#[tokio::test]
async fn one_peer_has_so_many_connections_and_a_listed_proxy_as_many_as_it_likes() {
    let limits = Limits { connections_per_peer: 1, ..Limits::default() };
    let server = start(limits, peer_router()).await;
    let first = TcpStream::connect(server.address).await.unwrap();
    let mut second = TcpStream::connect(server.address).await.unwrap();
    let answer = timeout(Duration::from_secs(5), rest(&mut second)).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 429 Too Many Requests\r\n"), "{answer}");
    assert!(answer.contains("\r\nretry-after: 1\r\n"), "{answer}");
    drop(first);

    let proxies = TrustedProxies::new(vec!["127.0.0.1".parse().unwrap()]);
    let server = start_behind(proxies, limits, peer_router()).await;
    let _first = TcpStream::connect(server.address).await.unwrap();
    let answer =
        exchange(&server, b"GET /peer HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
}

/// What it began comes to its end, also if the server is stopped meanwhile.
#[tokio::test]
async fn a_peer_that_hangs_up_keeps_its_place_as_long_as_its_request() {
    let [begun, go_on] = [(); 2].map(|()| Arc::new(Notify::new()));
    let slow = {
        let (begun, go_on) = (Arc::clone(&begun), Arc::clone(&go_on));
        get(move || async move {
            begun.notify_one();
            go_on.notified().await;
        })
    };
    let limits = Limits { connections_per_peer: 1, ..Limits::default() };
    let mut server = start(limits, Router::new().route("/peer", slow)).await;
    let mut first = TcpStream::connect(server.address).await.unwrap();
    first.write_all(REQUEST).await.unwrap();
    begun.notified().await;
    drop(first);
    for _ in 0..20 {
        let mut other = TcpStream::connect(server.address).await.unwrap();
        let answer = timeout(Duration::from_secs(5), rest(&mut other)).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 429 Too Many Requests\r\n"), "{answer}");
    }
    server.stop.send(()).unwrap();
    assert!(timeout(Duration::from_millis(100), &mut server.ended).await.is_err());
    go_on.notify_one();
    server.ended.await.unwrap();
}

/// (L13)
#[tokio::test]
async fn silent_connections_give_way_when_there_is_no_room() {
    let server = start(Limits { connections: 2, ..Limits::default() }, peer_router()).await;
    let mut silent = TcpStream::connect(server.address).await.unwrap();
    let mut used = TcpStream::connect(server.address).await.unwrap();
    used.write_all(REQUEST).await.unwrap();
    let answer =
        exchange(&server, b"GET /peer HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert_eq!(rest(&mut silent).await, "");
}

#[test]
fn open_files_bound_the_connections() {
    let within = |files| {
        let limits = Limits::default().within(files);
        (limits.connections, limits.connections_per_peer)
    };
    assert_eq!(within(usize::MAX), (10_000, 256));
    assert_eq!(within(10_256), (10_000, 256));
    assert_eq!(within(1024), (768, 192));
    assert_eq!(within(64), (32, 8));
}

type Sending = h2::client::SendRequest<axum::body::Bytes>;

/// An HTTP/2 client, and how its connection ends.
async fn speak_http2(server: &Running) -> (Sending, JoinHandle<Result<(), h2::Error>>) {
    let stream = TcpStream::connect(server.address).await.unwrap();
    let (client, connection) = h2::client::handshake(stream).await.unwrap();
    (client.ready().await.unwrap(), tokio::spawn(connection))
}

fn get_over_http2(headers: usize) -> Request<()> {
    let request = Request::get("http://localhost/peer");
    (0..headers)
        .fold(request, |request, at| request.header(format!("x-{at}"), "y"))
        .body(())
        .unwrap()
}

#[tokio::test]
async fn http2_takes_no_more_headers_than_http1() {
    let server = start(Limits::default(), peer_router()).await;
    for (headers, status) in [(60, 200), (65, 431), (200, 431)] {
        let (mut client, _connection) = speak_http2(&server).await;
        let (answer, _) = client.send_request(get_over_http2(headers), true).unwrap();
        assert_eq!(answer.await.unwrap().status(), status, "{headers}");
    }
}

#[tokio::test]
async fn fewer_connections_may_speak_http2() {
    let limits = Limits { http2_connections_per_peer: 1, ..Limits::default() };
    let server = start(limits, peer_router()).await;
    let (_client, _connection) = speak_http2(&server).await;
    let stream = TcpStream::connect(server.address).await.unwrap();
    let (client, connection) = h2::client::handshake(stream).await.unwrap();
    tokio::spawn(connection);
    if let Ok(mut client) = client.ready().await
        && let Ok((answer, _)) = client.send_request(get_over_http2(0), true)
    {
        assert!(timeout(Duration::from_secs(5), answer).await.unwrap().is_err());
    }
    let last = b"GET /peer HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    assert!(exchange(&server, last).await.starts_with("HTTP/1.1 200 OK\r\n"));
}

/// An answer reaches who is still sending: the stream is not reset before its client could see it.
#[tokio::test]
async fn over_http2_an_answer_arrives_while_the_body_is_sent() {
    let late = Router::new().fallback(any(|body: Body| async {
        axum::body::to_bytes(body, usize::MAX).await.ok();
    }));
    let soon = Limits { body_timeout: Duration::from_millis(50), ..Limits::default() };
    for (limits, router, status) in [(Limits::default(), refusing_router(), 401), (soon, late, 408)]
    {
        let server = start(limits, router).await;
        let (mut client, _connection) = speak_http2(&server).await;
        let request = Request::post("http://localhost/").body(()).unwrap();
        let (answer, mut stream) = client.send_request(request, false).unwrap();
        stream.send_data(vec![0; 1024].into(), false).unwrap();
        assert_eq!(answer.await.unwrap().status(), status);
        // More than may be sent unread.
        let mut left = 256 * 1024;
        while left > 0 {
            stream.reserve_capacity(left);
            let capacity = std::future::poll_fn(|cx| stream.poll_capacity(cx));
            let capacity = timeout(Duration::from_secs(5), capacity).await.unwrap();
            let capacity = capacity.expect("the stream is reset").unwrap();
            stream.send_data(vec![0; capacity].into(), capacity == left).unwrap();
            left -= capacity;
        }
        // Other streams go on beside it.
        let (other, _) = client.send_request(get_over_http2(0), true).unwrap();
        assert!(other.await.is_ok());
    }
}

/// What a client goes on to send after its answer is thrown away up to a bound.
#[tokio::test]
async fn over_http2_a_body_without_end_is_cut_off() {
    let server = start(Limits::default(), refusing_router()).await;
    let (mut client, _connection) = speak_http2(&server).await;
    let request = Request::post("http://localhost/").body(()).unwrap();
    let (answer, mut stream) = client.send_request(request, false).unwrap();
    assert_eq!(answer.await.unwrap().status(), 401);
    let mut sent = 0;
    while sent < 64 * 1024 * 1024 {
        stream.reserve_capacity(64 * 1024);
        let capacity = std::future::poll_fn(|cx| stream.poll_capacity(cx));
        match timeout(Duration::from_secs(10), capacity).await.unwrap() {
            Some(Ok(capacity)) if stream.send_data(vec![0; capacity].into(), false).is_ok() => {
                sent += capacity;
            }
            _ => break,
        }
    }
    assert!(sent <= 8 * 1024 * 1024, "{sent}");
}

/// (L13) What is sent before it is read is bounded for a connection, however many streams it has.
#[tokio::test]
async fn http2_connections_may_send_little_that_nobody_reads() {
    let entered = Arc::new(Notify::new());
    let handler = {
        let entered = Arc::clone(&entered);
        any(async move |_: Request<Body>| {
            entered.notify_one();
            pending::<()>().await;
        })
    };
    let server = start(Limits::default(), Router::new().fallback(handler)).await;
    let (client, _connection) = speak_http2(&server).await;
    let (mut granted, mut open) = (0, Vec::new());
    for _ in 0..4 {
        let request = Request::post("http://localhost/").body(()).unwrap();
        let (answer, mut stream) =
            client.clone().ready().await.unwrap().send_request(request, false).unwrap();
        entered.notified().await;
        stream.reserve_capacity(1_000_000);
        let wait = std::future::poll_fn(|cx| stream.poll_capacity(cx));
        if let Ok(Some(Ok(capacity))) = timeout(Duration::from_millis(100), wait).await {
            granted += capacity;
            stream.send_data(vec![0; capacity].into(), false).unwrap();
        }
        open.push((answer, stream));
    }
    assert!((1..64 * 1024).contains(&granted), "{granted}");
    let streams = client.ready().await.unwrap().current_max_send_streams();
    assert_eq!(streams, 16);
}

/// A frame of HTTP/2 as it is sent.
fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// (L13)
#[tokio::test]
async fn streams_that_are_opened_and_reset_in_a_flood_end_their_connection() {
    let server = start(Limits::default(), Router::new().fallback(pending::<()>)).await;
    let mut flood = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec();
    flood.extend(frame(4, 0, 0, &[]));
    for stream in (1..2000).step_by(2) {
        // GET http://x/, and that it is not wanted any more.
        flood.extend(frame(1, 5, stream, &[0x82, 0x86, 0x84, 0x41, 1, b'x']));
        flood.extend(frame(3, 0, stream, &8_u32.to_be_bytes()));
    }
    let mut client = TcpStream::connect(server.address).await.unwrap();
    client.write_all(&flood).await.ok();
    let mut answer = Vec::new();
    timeout(Duration::from_secs(5), client.read_to_end(&mut answer)).await.unwrap().ok();
    // GOAWAY with ENHANCE_YOUR_CALM.
    let mut frames = answer.as_slice();
    let mut end = None;
    while let [_, high, low, kind, _, _, _, _, _, rest @ ..] = frames {
        let (payload, after) = rest.split_at(usize::from(u16::from_be_bytes([*high, *low])));
        if *kind == 7 {
            end = payload.get(7).copied();
        }
        frames = after;
    }
    assert_eq!(end, Some(11), "{}", answer.escape_ascii());
    let (mut other, _connection) = speak_http2(&server).await;
    assert!(other.send_request(get_over_http2(65), true).unwrap().0.await.is_ok());
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
