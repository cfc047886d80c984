use crate::change::Change;
use crate::crypto::seal::{self, Context};
use crate::entity::{Channel, Message, MessagePurpose};
use crate::error::{CommitError, Result};
use crate::limits::quota::{Quota, Use, calling_code};
use crate::local::Local;
use crate::ports::Outgoing;

impl Local {
    /// Counts a message that is about to be sent for the first time. Says why it is not to be sent if
    /// a limit has been reached. Asked here, where messages leave, so that whoever caused the
    /// message gets the same answer, in the same time, whether it goes out or not.
    pub(in crate::local) async fn count_message(
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
        let (mut uses, mut reasons) = (Vec::new(), Vec::new());
        let channel = message.channel.name();
        if let Some(recipient) = recipient(message.purpose, channel, &outgoing.to) {
            let purpose = seal::SealPurpose::Recipient;
            let context = Context { purpose, pool: &message.pool, subject: &recipient };
            let subject = self.sealer().pseudonym(context);
            uses.push(self.used(message, (Quota::Recipient, limits.per_recipient), subject));
            reasons.push("the recipient has had enough messages this hour");
        }
        let kind = format!("{channel}:{}", message.purpose.name());
        uses.push(self.used(message, (Quota::Pool, limits.per_pool), kind));
        reasons.push("the pool has sent enough messages of this kind this hour");
        if is_sms {
            let country = country(message.purpose, &outgoing.to);
            uses.push(self.used(message, (Quota::Country, limits.sms_per_country), country));
            reasons.push("enough text messages went to this country this hour");
        }
        match self.store().commit(uses).await {
            Ok(()) => Ok(None),
            Err(CommitError::Store(error)) => Err(error.into()),
            Err(CommitError::Refused(index)) => Ok(reasons.get(index).copied()),
        }
    }

    fn used(&self, message: &Message, (quota, limit): (Quota, i64), subject: String) -> Change {
        Change::UseQuota(Use { pool: message.pool.clone(), subject, quota, limit, at: self.now() })
    }
}

/// What a message counts as to its recipient. Word of a change counts nowhere but where it is decided
/// on, for its user and aspect: or else whoever has codes sent, or makes harmless changes, could keep
/// a grave one from its user. Word of a lock counts apart from codes.
fn recipient(purpose: MessagePurpose, channel: &str, to: &str) -> Option<String> {
    match purpose {
        MessagePurpose::AccountChanged => None,
        MessagePurpose::LockedOut => Some(format!("{channel}:locked_out:{to}")),
        _ => Some(format!("{channel}:{to}")),
    }
}

/// The country of a number. Word of a change counts apart there, too, and so do sign-ups, which anybody
/// can make: a flood of them must not keep codes from those who sign in.
fn country(purpose: MessagePurpose, number: &str) -> String {
    let code = calling_code(number);
    match purpose {
        MessagePurpose::AccountChanged => format!("notice:{code}"),
        MessagePurpose::ConfirmSignUp => format!("sign_up:{code}"),
        _ => code.to_owned(),
    }
}
