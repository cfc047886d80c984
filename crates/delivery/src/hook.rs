use crate::{PATIENCE, SetupError, root_cause};
use async_trait::async_trait;
use aws_lc_rs::hmac;
use data_encoding::HEXLOWER;
use poolkeeper_pool::crypto::secret::Secret;
use poolkeeper_pool::entity::{Channel, MessagePurpose};
use poolkeeper_pool::ports::{Outgoing, SendError, Sender};
use poolkeeper_pool::system::Clock;
use reqwest::redirect::Policy;
use reqwest::{Client, StatusCode, Url, header};
use serde::Serialize;
use std::sync::Arc;

/// The header that proves who calls: `t=<seconds since 1970>,v1=<HMAC-SHA256 in hex>`. What is
/// signed is the value of `t`, a full stop, and the body.
pub const SIGNATURE_HEADER: &str = "poolkeeper-signature";

/// Where and how a hook is called.
#[derive(Clone, Debug)]
pub struct HookSettings {
    /// The address that is called.
    pub url: String,
    /// What both sides know, to sign with.
    pub secret: Secret,
}

/// Hands each message to an HTTP endpoint of the operator's, signed, as JSON.
pub struct Hook {
    client: Client,
    url: Url,
    key: hmac::Key,
    clock: Arc<dyn Clock>,
}

/// The body of a call.
#[derive(Serialize)]
struct Call<'a> {
    id: &'a str,
    pool_id: &'a str,
    channel: Channel,
    purpose: MessagePurpose,
    to: &'a str,
    subject: &'a str,
    body: &'a Secret,
    html: bool,
    code: Option<&'a Secret>,
    username: &'a str,
    created_at: String,
}

impl Hook {
    /// Prepares the calls; nothing is connected yet.
    ///
    /// # Errors
    ///
    /// If the address is not a URL, or TLS cannot be set up.
    pub fn new(settings: &HookSettings, clock: Arc<dyn Clock>) -> Result<Self, SetupError> {
        let url = settings.url.parse::<Url>();
        let url = url.map_err(|_| SetupError("the hook's url is not a URL".to_owned()))?;
        let client = Client::builder()
            // A redirect would take codes to wherever the answer says.
            .redirect(Policy::none())
            .no_proxy()
            .timeout(PATIENCE)
            .user_agent(concat!("poolkeeper/", env!("CARGO_PKG_VERSION")))
            .build();
        let client = client
            .map_err(|error| SetupError(format!("cannot set up TLS: {}", root_cause(&error))))?;
        let key = hmac::Key::new(hmac::HMAC_SHA256, settings.secret.expose().as_bytes());
        Ok(Self { client, url, key, clock })
    }

    fn signature(&self, body: &[u8]) -> String {
        let at = self.clock.now().seconds();
        let mut signed = hmac::Context::with_key(&self.key);
        signed.update(format!("{at}.").as_bytes());
        signed.update(body);
        format!("t={at},v1={}", HEXLOWER.encode(signed.sign().as_ref()))
    }
}

#[async_trait]
impl Sender for Hook {
    async fn send(&self, message: &Outgoing) -> Result<(), SendError> {
        let unwritable =
            |_| SendError::Permanent("the message cannot be written as JSON".to_owned());
        let body = serde_json::to_vec(&call(message)).map_err(unwritable)?;
        let request = self
            .client
            .post(self.url.clone())
            .header(header::CONTENT_TYPE, "application/json")
            .header("idempotency-key", message.id.as_str())
            .header(SIGNATURE_HEADER, self.signature(&body))
            .body(body);
        match request.send().await {
            // The rest of the answer is never read.
            Ok(answer) => outcome(answer.status()),
            Err(error) => Err(failure(&error)),
        }
    }
}

fn call(message: &Outgoing) -> Call<'_> {
    Call {
        id: message.id.as_str(),
        pool_id: message.pool.as_str(),
        channel: message.channel,
        purpose: message.purpose,
        to: &message.to,
        subject: &message.subject,
        body: &message.body,
        html: message.html,
        code: message.code.as_ref(),
        username: message.username.as_str(),
        created_at: message.created_at.iso_text(),
    }
}

fn outcome(status: StatusCode) -> Result<(), SendError> {
    let reason = || format!("the hook answered {}", status.as_u16());
    match status {
        _ if status.is_success() => Ok(()),
        StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS => {
            Err(SendError::Transient(reason()))
        }
        _ if status.is_server_error() => Err(SendError::Transient(reason())),
        _ => Err(SendError::Permanent(reason())),
    }
}

fn failure(error: &reqwest::Error) -> SendError {
    SendError::Transient(if error.is_timeout() {
        "the hook did not answer in time".to_owned()
    } else if error.is_connect() {
        format!("cannot reach the hook: {}", root_cause(error))
    } else {
        "the connection to the hook broke".to_owned()
    })
}
