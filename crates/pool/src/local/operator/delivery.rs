//! The outbox as a queue: who sends which message, when again, and when no more.
//!
//! A message is delivered at least once. Whoever wants to send it claims it for a while; one who is
//! lost in the middle of it leaves it to be sent again, under the same id.

use crate::change::Change;
use crate::entity::{Channel, DeliveryProgress, Message, MessagePurpose};
use crate::error::{CommitError, Result, StoreError};
use crate::ids::{MessageId, PoolId, Username};
use crate::local::Local;
use crate::message::{self, Content};
use crate::ports::{Outgoing, SendError, Sender};
use crate::request::RequestContext;
use crate::system::Rng;
use crate::time::Timestamp;
use std::time::Duration;

/// How long a claimed message is left to whoever claimed it. No attempt to send may take longer.
pub const LEASE: Duration = Duration::from_mins(2);

/// How long to wait after the first failed attempt, the second, and so on; the last one holds for
/// all that follow.
const BACK_OFF: [Duration; 5] = [
    Duration::from_secs(5),
    Duration::from_secs(30),
    Duration::from_mins(2),
    Duration::from_mins(10),
    Duration::from_mins(30),
];

/// The longest time between two attempts, with what chance adds to the last of [`BACK_OFF`].
pub const LONGEST_PAUSE: Duration = Duration::from_mins(36);

/// Longest reason that is kept, in characters.
const REASON: usize = 200;

/// A message that is this caller's to send, until the lease ends.
#[derive(Debug)]
pub struct Claimed(Message);

impl Claimed {
    /// Its id.
    pub fn id(&self) -> &MessageId {
        &self.0.id
    }
}

/// What became of the messages that were due.
#[derive(Debug, Default)]
pub struct Claims {
    /// Those to be sent now, in this order.
    pub messages: Vec<Claimed>,
    /// Those whose time was over.
    pub given_up: Vec<GivenUp>,
}

/// A message that nobody will try to send any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GivenUp {
    /// The message.
    pub id: MessageId,
    /// The pool on whose behalf it should have been sent.
    pub pool: PoolId,
    /// How it should have travelled.
    pub channel: Channel,
    /// Why it should have been sent.
    pub purpose: MessagePurpose,
    /// How often it was tried.
    pub attempts: u32,
    /// Why the last attempt failed. Names neither address nor code.
    pub reason: String,
}

/// What came of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Attempt {
    /// It was delivered.
    Delivered,
    /// It was not; there will be another attempt.
    Postponed {
        /// Why. Names neither address nor code.
        reason: String,
        /// When the next one is due.
        until: Timestamp,
    },
    /// It was not, and there will be no other attempt.
    GivenUp(GivenUp),
    /// It took longer than the lease, and another one has the message in hand.
    Overtaken,
}

/// What becomes of messages that were delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sent {
    /// They are removed, with the codes in them.
    Removed,
    /// They stay to be looked at, for development.
    Kept,
}

/// What came of the wish to send a message again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// It is due now.
    Due,
    /// What it says has lost its meaning.
    Expired,
    /// No such message waits or was given up.
    Unknown,
}

impl Local {
    /// Claims messages of a channel that are due, at most so many, and gives up those whose time is
    /// over.
    ///
    /// # Errors
    ///
    /// Faults on our side alone.
    pub async fn claim_due(&self, channel: Channel, limit: usize) -> Result<Claims> {
        let now = self.now();
        let mut claims = Claims::default();
        for mut message in self.store().due_messages(channel, now, limit).await? {
            if message.progress.give_up_at <= now {
                claims.given_up.extend(self.give_up(message, None).await?);
                continue;
            }
            let next_attempt_at = now.after(LEASE);
            let attempts = message.progress.attempts.saturating_add(1);
            let progress =
                DeliveryProgress { attempts, next_attempt_at, ..message.progress.clone() };
            if self.advance(&message, progress.clone()).await? {
                message.progress = progress;
                claims.messages.push(Claimed(message));
            }
        }
        Ok(claims)
    }

    /// Sends a message and notes what came of it. If the note fails, the message is sent again
    /// when the lease ends.
    ///
    /// # Errors
    ///
    /// Faults on our side alone. That the message was not sent is none: the [`Attempt`] says so.
    pub async fn deliver(
        &self,
        request: &RequestContext,
        Claimed(message): Claimed,
        sender: &dyn Sender,
        sent: Sent,
    ) -> Result<Attempt> {
        let outcome = match self.outgoing(&message).await? {
            Ok(outgoing) => match self.count_message(&message, &outgoing).await? {
                None => sender.send(&outgoing).await,
                Some(limit) => Err(SendError::Permanent(limit.to_owned())),
            },
            Err(error) => Err(error),
        };
        match outcome {
            Ok(()) => {
                self.note_delivered(request, &message, sent).await.map(|()| Attempt::Delivered)
            }
            Err(SendError::Transient(reason)) => self.postpone(message, &reason).await,
            Err(SendError::Permanent(reason)) => {
                let given_up = self.give_up(message, Some(&reason)).await?;
                Ok(given_up.map_or(Attempt::Overtaken, Attempt::GivenUp))
            }
        }
    }

    /// The messages that wait or were given up, oldest first, at most so many, after the one given.
    /// What they say stays sealed.
    ///
    /// # Errors
    ///
    /// Faults on our side alone.
    pub async fn undelivered(&self, after: Option<&Message>, limit: usize) -> Result<Vec<Message>> {
        let after = after.map(|message| (message.created_at, &message.id));
        Ok(self.store().undelivered_messages(after, limit).await?)
    }

    /// Makes a message due at once, whether it waits or was given up. One that is being sent at this
    /// moment may thereby be sent twice.
    ///
    /// # Errors
    ///
    /// Faults on our side alone.
    pub async fn retry_message(&self, id: &MessageId) -> Result<Retry> {
        loop {
            let Some(message) = self.find_undelivered(id).await? else { return Ok(Retry::Unknown) };
            let now = self.now();
            if message.expires_at <= now {
                return Ok(Retry::Expired);
            }
            let attempts = message.progress.attempts;
            let begun = DeliveryProgress::begin(now, message.expires_at);
            let last_error = message.progress.last_error.clone();
            if self.advance(&message, DeliveryProgress { attempts, last_error, ..begun }).await? {
                return Ok(Retry::Due);
            }
        }
    }

    async fn find_undelivered(&self, id: &MessageId) -> Result<Option<Message>> {
        const PAGE: usize = 1000;
        let mut after = None;
        loop {
            let page = self.undelivered(after.as_ref(), PAGE).await?;
            let last = page.last().cloned();
            if let Some(found) = page.into_iter().find(|message| message.id == *id) {
                return Ok(Some(found));
            }
            if last.is_none() {
                return Ok(None);
            }
            after = last;
        }
    }

    /// What is sent, or why it cannot be.
    async fn outgoing(&self, message: &Message) -> Result<Result<Outgoing, SendError>> {
        let Ok(content) = message::open(message, self.sealer()) else {
            // Not for ever: a start with the wrong key shall cost no messages.
            let reason = "its content cannot be opened: is this the right master key?";
            return Ok(Err(SendError::Transient(reason.to_owned())));
        };
        let user = self.store().user(&message.pool, &message.sub).await?;
        let about = content.about.clone();
        let Some(username) = user.map(|user| user.username).or(about) else {
            return Ok(Err(SendError::Permanent("the user is gone".to_owned())));
        };
        let pool = self.store().pool(&message.pool).await?;
        if pool.is_none() && !self.settings().elsewhere.contains(&message.pool) {
            return Ok(Err(SendError::Permanent("the pool is gone".to_owned())));
        }
        let settings = pool.map(|pool| pool.other).unwrap_or_default();
        let from = settings.mail_from().map(str::to_owned);
        let reply_to = settings.mail_reply_to().map(str::to_owned);
        Ok(Ok(Outgoing { from, reply_to, ..outgoing(message, content, username) }))
    }

    async fn note_delivered(
        &self,
        request: &RequestContext,
        message: &Message,
        sent: Sent,
    ) -> Result<()> {
        let progress = match sent {
            Sent::Removed => {
                let (pool, id) = (message.pool.clone(), message.id.clone());
                return self.commit(request, vec![Change::RemoveMessage { pool, id }]).await;
            }
            Sent::Kept => {
                DeliveryProgress { delivered_at: Some(self.now()), ..message.progress.clone() }
            }
        };
        // If another one has it in hand by now, that one notes it.
        self.advance(message, progress).await.map(drop)
    }

    async fn postpone(&self, message: Message, reason: &str) -> Result<Attempt> {
        let reason = short(reason);
        let waits = pause(message.progress.attempts, self.rng());
        // At the end somebody comes to give it up.
        let until = self.now().after(waits).min(message.progress.give_up_at);
        let progress = DeliveryProgress {
            next_attempt_at: until,
            last_error: Some(reason.clone()),
            ..message.progress.clone()
        };
        let noted = self.advance(&message, progress).await?;
        Ok(if noted { Attempt::Postponed { reason, until } } else { Attempt::Overtaken })
    }

    /// `None` if another one has it in hand. Without a reason, its time is over.
    async fn give_up(&self, message: Message, reason: Option<&str>) -> Result<Option<GivenUp>> {
        let last = || message.progress.last_error.clone();
        let in_vain = || "no server sent it in time".to_owned();
        let reason = reason.map(short).or_else(last).unwrap_or_else(in_vain);
        let progress = DeliveryProgress {
            given_up_at: Some(self.now()),
            last_error: Some(reason.clone()),
            ..message.progress.clone()
        };
        let noted = self.advance(&message, progress).await?;
        Ok(noted.then_some(GivenUp {
            id: message.id,
            pool: message.pool,
            channel: message.channel,
            purpose: message.purpose,
            attempts: message.progress.attempts,
            reason,
        }))
    }

    /// Whether the message was still as it was read.
    async fn advance(&self, message: &Message, progress: DeliveryProgress) -> Result<bool> {
        let (pool, id) = (message.pool.clone(), message.id.clone());
        let attempts = message.progress.attempts;
        let change = Change::AdvanceMessage { pool, id, attempts, progress };
        match self.store().commit(vec![change]).await {
            Ok(()) => Ok(true),
            Err(CommitError::Refused(_)) => Ok(false),
            Err(CommitError::Store(error)) => Err(StoreError::into(error)),
        }
    }
}

fn outgoing(message: &Message, content: Content, username: Username) -> Outgoing {
    Outgoing {
        id: message.id.clone(),
        pool: message.pool.clone(),
        channel: message.channel,
        purpose: message.purpose,
        to: content.to,
        subject: content.subject,
        body: content.body,
        html: content.html,
        code: content.code,
        username,
        created_at: message.created_at,
        from: None,
        reply_to: None,
    }
}

/// The time until the next attempt, up to a fifth longer than planned: what failed together shall
/// not come back together.
fn pause(attempts: u32, rng: &dyn Rng) -> Duration {
    let failed = usize::try_from(attempts).unwrap_or(usize::MAX).saturating_sub(1);
    let [.., longest] = BACK_OFF;
    let planned = BACK_OFF.get(failed).copied().unwrap_or(longest);
    let mut byte = [0];
    rng.fill(&mut byte);
    let [part] = byte;
    planned + planned * u32::from(part) / (5 * 256)
}

fn short(reason: &str) -> String {
    reason.chars().take(REASON).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Highest;

    impl Rng for Highest {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(u8::MAX);
        }
    }

    #[test]
    fn no_pause_is_longer_than_the_longest() {
        let pauses = (0..20).map(|attempts| pause(attempts, &Highest));
        let longest = pauses.max().unwrap();
        assert!(longest <= LONGEST_PAUSE);
        assert!(longest + Duration::from_mins(1) > LONGEST_PAUSE);
    }
}
