//! Sends what waits in the outbox, as long as the server runs.

use crate::config::{Config, HookConfig, MailConfig, SmtpConfig};
use crate::system::{SystemClock, server};
use anyhow::{Context as _, Result};
use poolkeeper_delivery::{Courier, Hook, HookSettings, Smtp, SmtpSettings};
use poolkeeper_pool::entity::Channel;
use poolkeeper_pool::local::{Attempt, Claimed, GivenUp, Local, Sent};
use poolkeeper_pool::ports::Sender;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{oneshot, watch};
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval, timeout};

/// How often somebody looks whether a message is due.
const INTERVAL: Duration = Duration::from_secs(1);

/// Messages that are on their way at a time, on each channel.
const TOGETHER: usize = 16;

/// Time that messages on their way are given when the server stops. The others, and those that
/// take longer, wait for the next start.
const DRAIN: Duration = Duration::from_secs(10);

/// Who sends messages, and what becomes of them then.
#[derive(Clone)]
pub struct Delivery {
    courier: Courier,
    sent: Sent,
}

/// Sets up what a configuration says about sending, and says what it does not. `None` means that
/// messages are shown in the inbox and that is all.
///
/// # Errors
///
/// If a secret cannot be read, the address of a sender or of a hook is malformed, or TLS cannot be
/// set up.
pub fn prepare(config: &Config) -> Result<Option<Delivery>> {
    if config.inbox && config.mail.is_none() && config.sms.is_none() {
        tracing::info!("messages are shown in the inbox and not sent");
        return Ok(None);
    }
    let mail = config.mail.as_ref().map(|mail| match mail {
        MailConfig::Smtp(smtp) => self::smtp(smtp).context("mail.smtp"),
        MailConfig::Hook(hook) => self::hook(hook).context("mail.hook"),
    });
    let sms = config.sms.as_ref().map(|sms| hook(sms).context("sms.hook"));
    let courier = Courier { mail: mail.transpose()?, sms: sms.transpose()? };
    // Amazon sends what the users of its pools are sent.
    for channel in courier.missing().into_iter().filter(|_| config.may_hold_users()) {
        tracing::warn!(
            channel = channel.name(),
            "no sender is configured: messages wait, and are given up when they expire"
        );
    }
    let sent = if config.inbox { Sent::Kept } else { Sent::Removed };
    Ok(Some(Delivery { courier, sent }))
}

fn smtp(config: &SmtpConfig) -> Result<Arc<dyn Sender>> {
    let credentials = match &config.credentials {
        Some((user, password)) => Some((user.clone(), password.read()?)),
        None => None,
    };
    Ok(Arc::new(Smtp::new(&SmtpSettings {
        host: config.host.clone(),
        port: config.port,
        tls: config.tls,
        credentials,
        from: config.from.clone(),
        reply_to: config.reply_to.clone(),
        from_pools: config.from_pools,
    })?))
}

fn hook(config: &HookConfig) -> Result<Arc<dyn Sender>> {
    let settings = HookSettings { url: config.url.clone(), secret: config.secret.read()? };
    Ok(Arc::new(Hook::new(&settings, Arc::new(SystemClock))?))
}

impl Delivery {
    /// Messages are sent by this courier.
    pub fn new(courier: Courier, sent: Sent) -> Self {
        Self { courier, sent }
    }
}

/// Sends what is due until `stop` completes, then lets what is on its way arrive. Each channel has
/// places of its own: a mail server that hangs holds no text message up.
pub async fn run(engine: Arc<Local>, delivery: Delivery, stop: oneshot::Receiver<()>) {
    let (running, stopped) = watch::channel(());
    let stopping = async {
        // An error is a sender that has gone, which says the same.
        let _ = stop.await;
        drop(running);
    };
    let lane = |channel| run_channel(&engine, &delivery, channel, stopped.clone());
    tokio::join!(stopping, lane(Channel::Email), lane(Channel::Sms));
}

async fn run_channel(
    engine: &Arc<Local>,
    delivery: &Delivery,
    channel: Channel,
    mut running: watch::Receiver<()>,
) {
    let mut ticks = interval(INTERVAL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut underway = JoinSet::new();
    loop {
        tokio::select! {
            biased;
            _ = running.changed() => break,
            // There may be another one that had to wait for this place.
            Some(_) = underway.join_next() => {}
            _ = ticks.tick() => {}
        }
        for claimed in claim(engine, channel, TOGETHER.saturating_sub(underway.len())).await {
            underway.spawn(send(Arc::clone(engine), delivery.clone(), claimed));
        }
    }
    let arrived = async { while underway.join_next().await.is_some() {} };
    if timeout(DRAIN, arrived).await.is_err() {
        tracing::warn!(
            channel = channel.name(),
            messages = underway.len(),
            "unsent messages will be sent after the next start"
        );
    }
}

async fn claim(engine: &Local, channel: Channel, places: usize) -> Vec<Claimed> {
    if places == 0 {
        return Vec::new();
    }
    match engine.claim_due(channel, places).await {
        Ok(claims) => {
            claims.given_up.iter().for_each(report);
            claims.messages
        }
        Err(error) => {
            tracing::error!(%error, channel = channel.name(), "cannot read the outbox");
            Vec::new()
        }
    }
}

async fn send(engine: Arc<Local>, delivery: Delivery, claimed: Claimed) {
    let id = claimed.id().clone();
    match engine.deliver(&server(), claimed, &delivery.courier, delivery.sent).await {
        Ok(Attempt::Delivered) => tracing::debug!(message_id = %id, "a message was delivered"),
        Ok(Attempt::Postponed { reason, .. }) => {
            tracing::warn!(message_id = %id, reason, "a message was not sent and will be tried again");
        }
        Ok(Attempt::GivenUp(given_up)) => report(&given_up),
        Ok(Attempt::Overtaken) => {
            tracing::warn!(message_id = %id, "a message took longer than its lease");
        }
        Err(error) => tracing::error!(message_id = %id, %error, "cannot handle a message"),
    }
}

fn report(given_up: &GivenUp) {
    let GivenUp { id, pool, channel, purpose, attempts, reason } = given_up;
    tracing::error!(
        message_id = %id,
        pool_id = %pool,
        channel = channel.name(),
        purpose = purpose.name(),
        attempts,
        reason,
        "a message was given up"
    );
}
