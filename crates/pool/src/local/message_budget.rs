use super::Local;
use crate::change::Change;
use crate::entity::{Channel, Message, Purpose};
use crate::error::Result;
use crate::ports::{CommitError, Outgoing};
use crate::quota::{Quota, Use, calling_code};
use crate::seal::{self, Context};

impl Local {
    /// Counts a message that is about to be sent for the first time. Says why it is not to be sent if
    /// a limit has been reached. Asked here, where messages leave, so that whoever caused the
    /// message gets the same answer, in the same time, whether it goes out or not.
    pub(super) async fn count_message(
        &self,
        message: &Message,
        outgoing: &Outgoing,
    ) -> Result<Option<&'static str>> {
        // Another attempt at the same message, or the operator's wish to send it all the same.
        if message.progress.attempts != 1 {
            return Ok(None);
        }
        let limits = &self.settings().messages;
        let is_sms = message.channel == Channel::Sms;
        if is_sms && !limits.allows(&outgoing.to) {
            return Ok(Some("no text messages are sent to numbers of this prefix"));
        }
        let channel = message.channel.name();
        // Word of a change counts apart, or else whoever has codes sent could keep it from its user.
        let recipient = match message.purpose {
            Purpose::AccountChanged => format!("{channel}:notice:{}", outgoing.to),
            _ => format!("{channel}:{}", outgoing.to),
        };
        let purpose = seal::Purpose::Recipient;
        let context = Context { purpose, pool: &message.pool, subject: &recipient };
        let kind = format!("{channel}:{}", message.purpose.name());
        let mut uses = vec![
            self.used(
                message,
                (Quota::Recipient, limits.per_recipient),
                self.sealer().pseudonym(context),
            ),
            self.used(message, (Quota::Pool, limits.per_pool), kind),
        ];
        if is_sms {
            let country = calling_code(&outgoing.to).to_owned();
            uses.push(self.used(message, (Quota::Country, limits.sms_per_country), country));
        }
        match self.store().commit(uses).await {
            Ok(()) => Ok(None),
            Err(CommitError::Store(error)) => Err(error.into()),
            Err(CommitError::Refused(0)) => {
                Ok(Some("the recipient has had enough messages this hour"))
            }
            Err(CommitError::Refused(1)) => {
                Ok(Some("the pool has sent enough messages of this kind this hour"))
            }
            Err(CommitError::Refused(_)) => {
                Ok(Some("enough text messages went to this country this hour"))
            }
        }
    }

    fn used(&self, message: &Message, (quota, limit): (Quota, i64), subject: String) -> Change {
        Change::UseQuota(Use { pool: message.pool.clone(), subject, quota, limit, at: self.now() })
    }
}
