//! `poolkeeper outbox`: messages that wait or were given up.

use super::Failure;
use super::database::Database;
use anyhow::anyhow;
use clap::{Args, Subcommand};
use poolkeeper_pool::entity::Message;
use poolkeeper_pool::ids::MessageId;
use poolkeeper_pool::local::{Local, Retry};
use std::io::Write;
use tokio::runtime::Runtime;

/// Messages read from the database at a time.
const PAGE: usize = 1000;

/// Lists the messages that are waiting or were given up, or sends one of them again.
#[derive(Debug, Args)]
pub(super) struct Outbox {
    #[command(flatten)]
    database: Database,
    #[command(subcommand)]
    action: Option<Action>,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Sends a message again as soon as possible, whether it is waiting or was given up.
    Retry {
        /// Message id, as shown by the list.
        id: String,
    },
}

impl Outbox {
    /// The server may be running meanwhile.
    pub(super) fn run(self, out: &mut impl Write) -> Result<(), Failure> {
        Runtime::new()?.block_on(async {
            let (_, engine) = self.database.open().await?;
            match self.action {
                None => list(&engine, out).await,
                Some(Action::Retry { id }) => retry(&engine, &MessageId::new(id), out).await,
            }
        })
    }
}

async fn list(engine: &Local, out: &mut impl Write) -> Result<(), Failure> {
    let mut last: Option<Message> = None;
    let mut count = 0;
    loop {
        let page = engine.undelivered(last.as_ref(), PAGE).await.map_err(anyhow::Error::from)?;
        if page.is_empty() {
            break;
        }
        for message in &page {
            writeln!(out, "{}", line(message))?;
        }
        count += page.len();
        last = page.into_iter().last();
    }
    writeln!(out, "{count} messages wait or were given up")?;
    Ok(())
}

/// One message. Neither address nor text are shown, nor could they be: they stay sealed.
fn line(message: &Message) -> String {
    let Message { id, pool, channel, purpose, progress, .. } = message;
    let state = match progress.given_up_at {
        Some(at) => format!("given up at {}", at.whole_seconds().iso_text()),
        None => format!("next attempt at {}", progress.next_attempt_at.whole_seconds().iso_text()),
    };
    let (channel, purpose, attempts) = (channel.name(), purpose.name(), progress.attempts);
    let reason = progress.last_error.as_deref();
    let reason = reason.map(|reason| format!("; {reason}")).unwrap_or_default();
    format!("{id}  {pool}  {channel}  {purpose}  attempts: {attempts}, {state}{reason}")
}

async fn retry(engine: &Local, id: &MessageId, out: &mut impl Write) -> Result<(), Failure> {
    match engine.retry_message(id).await.map_err(anyhow::Error::from)? {
        Retry::Due => Ok(writeln!(out, "{id} is due now; a running server sends it")?),
        Retry::Expired => {
            Err(anyhow!("{id} is no longer sent: its content, e.g. a code, has expired").into())
        }
        Retry::Unknown => {
            Err(anyhow!("there is no message {id} that waits or was given up").into())
        }
    }
}
