//! Cognito's own protocol, handed on to Amazon unread.

use crate::connection::connect::SetupError;
use crate::connection::http::Proxies;
use crate::connection::settings::Limits;
use reqwest::Method;
use reqwest::header::{HeaderMap, HeaderName};

/// The longest answer that is handed back.
const MAX_BYTES: usize = 4 * 1024 * 1024;

/// Headers that are about one connection (RFC 9110, section 7.6.1), or that name us.
const OURS: [&str; 13] = [
    "connection",
    "content-length",
    "forwarded",
    "host",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "x-forwarded-for",
];

/// Hands requests on.
pub struct Forwarder {
    http: reqwest::Client,
    target: String,
}

/// What Amazon answered.
#[derive(Debug)]
pub struct Forwarded {
    /// The status.
    pub status: u16,
    /// The headers, but for those about the connection.
    pub headers: HeaderMap,
    /// The body.
    pub body: Vec<u8>,
}

/// Why there is no answer. Whether Amazon did what it was asked is not known.
#[derive(Debug, thiserror::Error)]
#[error("no usable answer from Amazon: {0}")]
pub struct NoAnswer(&'static str);

impl Forwarder {
    /// To this address, without a final slash; nothing is connected yet.
    ///
    /// # Errors
    ///
    /// If TLS or a proxy cannot be set up.
    pub fn new(target: &str, limits: &Limits, proxies: &Proxies) -> Result<Self, SetupError> {
        let http = proxies.client(limits)?.build();
        let http = http.map_err(|_| SetupError("cannot set up TLS".to_owned()))?;
        Ok(Self { http, target: format!("{target}/") })
    }

    /// Hands a request on, once.
    ///
    /// # Errors
    ///
    /// If Amazon cannot be reached, or its answer takes too long, breaks off or is too long.
    pub async fn forward(
        &self,
        method: Method,
        headers: HeaderMap,
        body: Vec<u8>,
    ) -> Result<Forwarded, NoAnswer> {
        let request = self.http.request(method, &self.target).headers(without_ours(headers));
        let mut answer = request.body(body).send().await.map_err(|error| {
            NoAnswer(if error.is_timeout() { "it took too long" } else { "no connection" })
        })?;
        let (status, headers) = (answer.status().as_u16(), without_ours(answer.headers().clone()));
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(|_| NoAnswer("it broke off"))? {
            body.extend_from_slice(&chunk);
            if body.len() > MAX_BYTES {
                return Err(NoAnswer("it is too long"));
            }
        }
        Ok(Forwarded { status, headers, body })
    }
}

fn without_ours(mut headers: HeaderMap) -> HeaderMap {
    for name in OURS {
        headers.remove(HeaderName::from_static(name));
    }
    headers
}
