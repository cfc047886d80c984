use crate::crypto::secret::Secret;
use crate::entity::{Channel, MessagePurpose};
use crate::error::Result;
use crate::ids::Username;
use crate::local::Local;
use crate::message;
use crate::time::Timestamp;

/// A message as the development inbox shows it.
#[derive(Clone, Debug)]
pub struct InboxEntry {
    /// When it was decided on.
    pub at: Timestamp,
    /// How it travels.
    pub channel: Channel,
    /// The address.
    pub to: String,
    /// The canonical username of the user it concerns; `None` once the user is gone.
    pub username: Option<Username>,
    /// Why it is sent.
    pub purpose: MessagePurpose,
    /// The code or temporary password in it.
    pub code: Option<Secret>,
    /// The subject of a mail.
    pub subject: String,
    /// The text.
    pub body: Secret,
}

impl Local {
    /// The newest messages of the outbox, newest first. For development: an inbox that anybody
    /// can read is no inbox for production.
    ///
    /// # Errors
    ///
    /// Faults on our side alone.
    pub async fn outbox(&self, limit: usize) -> Result<Vec<InboxEntry>> {
        let mut entries = Vec::new();
        for message in self.store().messages(limit).await? {
            let content = message::open(&message, self.sealer())?;
            let user = self.store().user(&message.pool, &message.sub).await?;
            entries.push(InboxEntry {
                at: message.created_at,
                channel: message.channel,
                to: content.to,
                username: user.map(|user| user.username),
                purpose: message.purpose,
                code: content.code,
                subject: content.subject,
                body: content.body,
            });
        }
        Ok(entries)
    }
}
