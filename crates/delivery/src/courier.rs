use async_trait::async_trait;
use poolkeeper_pool::entity::Channel;
use poolkeeper_pool::ports::{Outgoing, SendError, Sender};
use std::sync::Arc;

/// Gives each message to the sender of its channel.
#[derive(Clone, Default)]
pub struct Courier {
    /// Sends mail.
    pub mail: Option<Arc<dyn Sender>>,
    /// Sends text messages.
    pub sms: Option<Arc<dyn Sender>>,
}

impl Courier {
    /// The channels that nobody sends on.
    pub fn missing(&self) -> Vec<Channel> {
        let both = [Channel::Email, Channel::Sms].into_iter();
        both.filter(|channel| self.sender(*channel).is_none()).collect()
    }

    fn sender(&self, channel: Channel) -> Option<&Arc<dyn Sender>> {
        match channel {
            Channel::Email => self.mail.as_ref(),
            Channel::Sms => self.sms.as_ref(),
        }
    }
}

#[async_trait]
impl Sender for Courier {
    async fn send(&self, message: &Outgoing) -> Result<(), SendError> {
        let Some(sender) = self.sender(message.channel) else {
            // Somebody may configure one before the message means nothing any more.
            let channel = message.channel.name();
            return Err(SendError::Transient(format!("no sender is configured for {channel}")));
        };
        sender.send(message).await
    }
}
