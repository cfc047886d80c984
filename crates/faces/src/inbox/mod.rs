//! The development inbox: every mail and text message that was sent, codes included, for whoever
//! can reach it. It is never mounted in production.

mod page;

use crate::kit::{Endpoints, Mount, css, html, json, query, report_fault, under};
use async_trait::async_trait;
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode, Uri};
use axum::response::Response;
use axum::routing::get;
use poolkeeper_pool::crypto::secret::Secret;
use poolkeeper_pool::entity::{Channel, MessagePurpose};
use poolkeeper_pool::error::{Error, Result};
use poolkeeper_pool::ids::Username;
use poolkeeper_pool::local::{InboxEntry, Local};
use serde::Serialize;
use std::sync::Arc;

const TREES: &[&str] = &["/inbox", "/inbox.json", "/inbox.css"];

/// How far back the inbox reaches.
const NEWEST: usize = 500;

const STYLE: &str = include_str!("inbox.css");

/// Keeps the messages that were sent.
#[async_trait]
pub trait Inbox: Send + Sync {
    /// The newest messages, newest first: all, or those to an address or for a user.
    async fn messages(&self, to: Option<&str>, user: Option<&str>) -> Result<Vec<InboxEntry>>;
}

#[async_trait]
impl Inbox for Local {
    async fn messages(&self, to: Option<&str>, user: Option<&str>) -> Result<Vec<InboxEntry>> {
        let is = |wanted: Option<&str>, text: &str| {
            wanted.is_none_or(|wanted| wanted.eq_ignore_ascii_case(text))
        };
        let mut entries = self.outbox(NEWEST).await?;
        entries.retain(|entry| is(to, &entry.to) && is(user, username(entry)));
        Ok(entries)
    }
}

#[derive(Serialize)]
struct Reply<'a> {
    at: String,
    channel: Channel,
    to: &'a str,
    username: &'a str,
    purpose: MessagePurpose,
    code: Option<&'a Secret>,
    subject: &'a str,
    body: &'a Secret,
}

pub(crate) fn mount(inbox: Arc<dyn Inbox>) -> Mount {
    let not_found = || crate::plain(StatusCode::NOT_FOUND);
    let method_not_allowed = || crate::plain(StatusCode::METHOD_NOT_ALLOWED);
    let endpoints = Endpoints::new(not_found, method_not_allowed)
        .at(Method::GET, "/inbox", get(show))
        .at(Method::GET, "/inbox.json", get(list))
        .at(Method::GET, "/inbox.css", get(style));
    Mount::new(|path| under("", TREES, path), endpoints.routes(), endpoints.finish(inbox))
}

async fn list(State(inbox): State<Arc<dyn Inbox>>, request: Request) -> Response {
    match find(inbox.as_ref(), request.uri()).await {
        Ok(entries) => json(StatusCode::OK, &entries.iter().map(reply).collect::<Vec<_>>()),
        Err(error) => failure(error),
    }
}

fn reply(entry: &InboxEntry) -> Reply<'_> {
    Reply {
        at: entry.at.iso_text(),
        channel: entry.channel,
        to: &entry.to,
        username: username(entry),
        purpose: entry.purpose,
        code: entry.code.as_ref(),
        subject: &entry.subject,
        body: &entry.body,
    }
}

/// The user's name, empty once the user is gone.
fn username(entry: &InboxEntry) -> &str {
    entry.username.as_ref().map(Username::as_str).unwrap_or_default()
}

async fn show(State(inbox): State<Arc<dyn Inbox>>, request: Request) -> Response {
    match find(inbox.as_ref(), request.uri()).await {
        Ok(entries) => html(page::render(&entries)),
        Err(error) => failure(error),
    }
}

async fn style() -> Response {
    css(STYLE)
}

async fn find(inbox: &dyn Inbox, uri: &Uri) -> Result<Vec<InboxEntry>> {
    let (to, user) = (query(uri.query(), "to"), query(uri.query(), "user"));
    inbox.messages(to.as_deref(), user.as_deref()).await
}

fn failure(error: Error) -> Response {
    match error {
        Error::Refused(_) => crate::plain(StatusCode::NOT_FOUND),
        Error::Fault(fault) => crate::plain(report_fault(&fault)),
    }
}
