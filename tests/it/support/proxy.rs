use serde_json::Value;
use std::mem;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, watch};

/// What a proxy does to those who ask it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Nothing: all passes.
    None,
    /// It takes the request and never answers.
    Silence,
    /// It takes the request and breaks the connection.
    Reset,
    /// It answers with this status.
    Status(u16),
    /// Half of an answer.
    Truncated,
    /// Half of an answer, and then nothing, without an end.
    Stall,
    /// All passes, so much later.
    Late(Duration),
    /// So many requests are answered with 500, those after them pass.
    First(usize),
    /// Nothing, but it listens: see [`Proxy::heard`].
    Listen,
    /// This operation is throttled, all others pass.
    Throttle(&'static str),
    /// This operation is refused with this exception, all others pass; it is passed on, too, so that
    /// what it asks for is done.
    Done(&'static str, &'static str),
    /// These calls go wrong, all others pass.
    Calls(&'static [CallFault]),
}

/// A call that goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CallFault {
    pub(crate) operation: &'static str,
    /// Which of the operation's calls, counted from one since [`Proxy::operations`] was last called.
    pub(crate) number: usize,
    pub(crate) how: How,
}

/// How a call goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum How {
    /// It is refused as one too many.
    Throttled,
    /// The connection breaks before it arrives.
    Cut,
    /// It does not arrive, and nothing is heard of it until the proxy is to do something else.
    Silent,
    /// It is answered with 500, and not passed on.
    Broken,
    /// It is passed on, and the connection breaks before its answer.
    Lost,
    /// It is passed on, and its answer held back until the proxy is to do something else.
    Held,
    /// It is passed on, and answered with this exception.
    Refused(&'static str),
}

/// A proxy between a server and its "Amazon".
pub(crate) struct Proxy {
    pub(crate) address: SocketAddr,
    fault: watch::Sender<Fault>,
    connections: Arc<AtomicUsize>,
    heard: Arc<Heard>,
}

/// The requests that were heard.
#[derive(Default)]
struct Heard {
    requests: Mutex<Vec<String>>,
    news: Notify,
}

impl Heard {
    /// Adds a request. How many of its operation there are then.
    fn add(&self, request: &str) -> usize {
        let mut requests = self.requests.lock().unwrap();
        requests.push(request.to_owned());
        self.news.notify_waiters();
        let Some(operation) = operation(request) else { return 0 };
        requests.iter().filter(|request| is_of(request, &operation)).count()
    }
}

impl Proxy {
    pub(crate) async fn before(target: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (fault, watched) = watch::channel(Fault::None);
        let connections = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&connections);
        let heard = Arc::<Heard>::default();
        let listening = Arc::clone(&heard);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let number = count.fetch_add(1, Ordering::SeqCst);
                let heard = Arc::clone(&listening);
                tokio::spawn(serve(stream, target, watched.clone(), number, heard));
            }
        });
        Self { address, fault, connections, heard }
    }

    /// From now on it does this. Connections that are open are broken.
    pub(crate) fn set(&self, fault: Fault) {
        self.connections.store(0, Ordering::SeqCst);
        self.fault.send(fault).unwrap();
    }

    /// The operations that were asked for since this was last called, in order.
    pub(crate) fn operations(&self) -> Vec<String> {
        let heard = mem::take(&mut *self.heard.requests.lock().unwrap());
        // Keys are fetched, too.
        heard.iter().filter_map(|request| operation(request)).collect()
    }

    /// Waits until it has heard this operation.
    pub(crate) async fn hears(&self, operation: &str) {
        loop {
            let news = self.heard.news.notified();
            if !self.heard(operation).is_empty() {
                return;
            }
            news.await;
        }
    }

    /// The bodies of requests for this operation, if it listens, throttles or refuses one operation.
    pub(crate) fn heard(&self, operation: &str) -> Vec<Value> {
        let heard = self.heard.requests.lock().unwrap();
        let requests = heard.iter().filter(|request| is_of(request, operation));
        let body = |request: &String| request.split_once("\r\n\r\n").unwrap().1.to_owned();
        requests.map(|request| serde_json::from_str(&body(request)).unwrap()).collect()
    }

    /// How many connections there were since [`Self::set`]: with a fault, each has one request.
    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

async fn serve(
    mut stream: TcpStream,
    target: SocketAddr,
    mut watched: watch::Receiver<Fault>,
    number: usize,
    heard: Arc<Heard>,
) {
    let fault = *watched.borrow_and_update();
    let answer = match fault {
        Fault::First(count) if number < count => Some(status(500)),
        Fault::Late(delay) => {
            tokio::time::sleep(delay).await;
            None
        }
        Fault::Listen | Fault::Throttle(_) | Fault::Done(..) | Fault::Calls(_) => {
            return one_by_one(stream, target, watched, &heard).await;
        }
        Fault::None | Fault::First(_) => None,
        Fault::Silence | Fault::Reset => Some(String::new()),
        Fault::Status(code) => Some(status(code)),
        Fault::Truncated | Fault::Stall => {
            let head = "HTTP/1.1 200 OK\r\ncontent-type: application/x-amz-json-1.1\r\n";
            Some(format!("{head}content-length: 500\r\n\r\n{{\"AuthenticationResult\": {{"))
        }
    };
    let Some(answer) = answer else {
        let mut server = TcpStream::connect(target).await.unwrap();
        tokio::select! {
            _ = copy_bidirectional(&mut stream, &mut server) => {}
            _ = watched.changed() => {}
        }
        return;
    };
    read_request(&mut stream).await;
    let _ended = stream.write_all(answer.as_bytes()).await;
    if matches!(fault, Fault::Silence | Fault::Stall) {
        let _ended = watched.changed().await;
    }
}

/// Serves one request, as its operation has it.
async fn one_by_one(
    mut stream: TcpStream,
    target: SocketAddr,
    mut watched: watch::Receiver<Fault>,
    heard: &Heard,
) {
    let request = read_request(&mut stream).await;
    let text = String::from_utf8_lossy(&request).into_owned();
    let number = heard.add(&text);
    let how = how(*watched.borrow_and_update(), &text, number);
    let answer = match how {
        Some(How::Throttled) => exception("TooManyRequestsException"),
        Some(How::Broken) => status(500),
        Some(How::Cut) => return,
        Some(How::Silent) => {
            let _ended = watched.changed().await;
            return;
        }
        Some(How::Lost | How::Held | How::Refused(_)) | None => pass_on(&request, target).await,
    };
    let answer = match how {
        Some(How::Lost) => return,
        Some(How::Held) => {
            let _ended = watched.changed().await;
            answer
        }
        Some(How::Refused(name)) => exception(name),
        _ => answer,
    };
    let _ended = stream.write_all(answer.as_bytes()).await;
}

/// How a request goes wrong that is so many calls of its operation; `None` if it does not.
fn how(fault: Fault, request: &str, number: usize) -> Option<How> {
    match fault {
        Fault::Throttle(operation) => is_of(request, operation).then_some(How::Throttled),
        Fault::Done(operation, name) => is_of(request, operation).then_some(How::Refused(name)),
        Fault::Calls(calls) => {
            let fits = |call: &&CallFault| is_of(request, call.operation) && call.number == number;
            calls.iter().find(fits).map(|call| call.how)
        }
        _ => None,
    }
}

/// What the target answers to a request.
async fn pass_on(request: &[u8], target: SocketAddr) -> String {
    let mut server = TcpStream::connect(target).await.unwrap();
    let line = request.iter().position(|byte| *byte == b'\n').unwrap() + 1;
    let (first, rest) = request.split_at(line);
    let whole = [first, b"connection: close\r\n", rest].concat();
    server.write_all(&whole).await.unwrap();
    let mut answer = Vec::new();
    server.read_to_end(&mut answer).await.unwrap();
    String::from_utf8(answer).unwrap()
}

/// An exception of Cognito's.
fn exception(name: &str) -> String {
    let body = format!(r#"{{"__type":"{name}","message":"broken"}}"#);
    let head = "HTTP/1.1 400 X\r\nconnection: close\r\ncontent-length";
    format!("{head}: {}\r\n\r\n{body}", body.len())
}

/// The name of the operation that is asked for.
fn operation(request: &str) -> Option<String> {
    let mut lines = request.lines();
    let (_, operation) = lines.find_map(|line| line.split_once("IdentityProviderService."))?;
    Some(operation.to_owned())
}

fn is_of(request: &str, operation: &str) -> bool {
    let head = request.to_ascii_lowercase();
    head.contains(&format!("cognitoidentityproviderservice.{}\r\n", operation.to_lowercase()))
}

fn status(code: u16) -> String {
    let body = r#"{"__type":"InternalErrorException","message":"broken"}"#;
    let body = if code == 429 { "" } else { body };
    let length = body.len();
    format!("HTTP/1.1 {code} X\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}")
}

async fn read_request(stream: &mut TcpStream) -> Vec<u8> {
    let (mut read, mut chunk) = (Vec::new(), [0; 4096]);
    loop {
        let text = String::from_utf8_lossy(&read).to_ascii_lowercase();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.split("content-length: ").nth(1).and_then(|rest| rest.lines().next());
            let length = length.map_or(0, |digits| digits.trim().parse().unwrap());
            if body.len() >= length {
                return read;
            }
        }
        match stream.read(&mut chunk).await {
            Ok(0) | Err(_) => return read,
            Ok(count) => read.extend_from_slice(&chunk[..count]),
        }
    }
}
