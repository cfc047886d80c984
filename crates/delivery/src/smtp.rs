use crate::{PATIENCE, SetupError, root_cause};
use async_trait::async_trait;
use lettre::message::header::ContentType;
use lettre::message::{Mailbox, Message};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls as LettreTls, TlsParameters};
use lettre::transport::smtp::{AsyncSmtpTransport, Error};
use lettre::{AsyncTransport as _, Tokio1Executor};
use poolkeeper_pool::crypto::secret::Secret;
use poolkeeper_pool::ports::{Outgoing, SendError, Sender};
use std::time::{Duration, UNIX_EPOCH};
use tokio::time::timeout;

/// What protects the way to the mail server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tls {
    /// A connection in clear is upgraded before anything is said; one that cannot be is left.
    Starttls,
    /// TLS from the first byte.
    Implicit,
    /// Nothing.
    None,
}

/// How mail is handed to a mail server.
#[derive(Clone, Debug)]
pub struct SmtpSettings {
    /// The server; its certificate must be for this name.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// What protects the way to it.
    pub tls: Tls,
    /// User and password, if it asks for them.
    pub credentials: Option<(String, Secret)>,
    /// Whom mail is from, e.g. `Example <no-reply@example.com>`.
    pub from: String,
    /// Where answers go, if not there.
    pub reply_to: Option<String>,
    /// Whether addresses in the pools' own settings go before these two.
    pub from_pools: bool,
}

/// Hands mail to a mail server, each over a connection of its own.
pub struct Smtp {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    reply_to: Option<Mailbox>,
    from_pools: bool,
}

/// Whether a text is an address as it may stand in a mail, with or without a name before it.
pub fn is_mailbox(text: &str) -> bool {
    text.parse::<Mailbox>().is_ok()
}

impl Smtp {
    /// Prepares the connections; nothing is connected yet.
    ///
    /// # Errors
    ///
    /// If TLS cannot be set up for the server, or `from` or `reply_to` is not a mail address.
    pub fn new(settings: &SmtpSettings) -> Result<Self, SetupError> {
        let parameters = || {
            TlsParameters::new(settings.host.clone())
                .map_err(|error| SetupError(format!("cannot set up TLS: {}", root_cause(&error))))
        };
        let tls = match settings.tls {
            Tls::Starttls => LettreTls::Required(parameters()?),
            Tls::Implicit => LettreTls::Wrapper(parameters()?),
            Tls::None => LettreTls::None,
        };
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&settings.host)
            .port(settings.port)
            .tls(tls)
            .timeout(Some(PATIENCE));
        if let Some((user, password)) = &settings.credentials {
            let (user, password) = (user.clone(), password.expose().to_owned());
            builder = builder.credentials(Credentials::new(user, password));
        }
        let reply_to = settings.reply_to.as_deref().map(mailbox).transpose()?;
        let (from, from_pools) = (mailbox(&settings.from)?, settings.from_pools);
        Ok(Self { transport: builder.build(), from, reply_to, from_pools })
    }

    /// The mail as it travels.
    fn compose(&self, message: &Outgoing) -> Result<Message, SendError> {
        let no_address = |_| SendError::Permanent("the recipient is not a mail address".to_owned());
        let to = message.to.parse().map_err(no_address)?;
        let own = |text: &Option<String>| {
            let text = text.as_deref().filter(|_| self.from_pools)?;
            text.parse::<Mailbox>().ok()
        };
        let from = own(&message.from).unwrap_or_else(|| self.from.clone());
        let domain = from.email.domain();
        let id = format!("<{}@{domain}>", message.id);
        let millis = u64::try_from(message.created_at.millis()).unwrap_or(0);
        let kind = if message.html { ContentType::TEXT_HTML } else { ContentType::TEXT_PLAIN };
        let mut builder = Message::builder()
            .date(UNIX_EPOCH + Duration::from_millis(millis))
            .message_id(Some(id))
            .to(Mailbox::new(None, to))
            .subject(message.subject.as_str())
            .header(kind);
        if let Some(reply_to) = own(&message.reply_to).or_else(|| self.reply_to.clone()) {
            builder = builder.reply_to(reply_to);
        }
        let composed = builder.from(from).body(message.body.expose().to_owned());
        composed.map_err(|_| {
            SendError::Permanent("the message cannot be formatted as a mail".to_owned())
        })
    }
}

#[async_trait]
impl Sender for Smtp {
    async fn send(&self, message: &Outgoing) -> Result<(), SendError> {
        let mail = self.compose(message)?;
        match timeout(PATIENCE, self.transport.send(mail)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(failure(&error)),
            Err(_) => Err(SendError::Transient("the mail server took too long".to_owned())),
        }
    }
}

fn mailbox(text: &str) -> Result<Mailbox, SetupError> {
    text.parse().map_err(|_| SetupError(format!("not a mail address: {text}")))
}

/// What the SMTP client says of a connection that ends where an answer is due.
const CUT_OFF: &str = "incomplete response";

/// Of what the server says only the number is told: the rest may quote the address or the text.
fn failure(error: &Error) -> SendError {
    let Some(code) = error.status() else {
        return SendError::Transient(if error.is_timeout() {
            "the mail server took too long".to_owned()
        } else if error.is_response() && root_cause(error).contains(CUT_OFF) {
            "the mail server closed the connection too early".to_owned()
        } else if error.is_client() || error.is_response() {
            "the mail server does not speak SMTP as needed (STARTTLS, AUTH, UTF-8)".to_owned()
        } else {
            format!("cannot reach the mail server: {}", root_cause(error))
        });
    };
    let reason = format!("the mail server answered {code}");
    let is_about_us = matches!(u16::from(code), 421 | 521 | 530 | 534 | 535 | 538);
    if error.is_permanent() && !is_about_us {
        SendError::Permanent(reason)
    } else {
        SendError::Transient(reason)
    }
}
