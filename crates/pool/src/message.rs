//! Messages to users: what they say, and how addresses are shown to those who may not know them.

use crate::change::Change;
use crate::entity::{Channel, Message, Purpose, User};
use crate::ids::{MessageId, PoolId};
use crate::ports::Rng;
use crate::seal::{self, Context, Sealer, Unsealable};
use crate::secret::Secret;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// What a message says and to whom; sealed while it waits.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Content {
    /// The address.
    pub to: String,
    /// The subject of a mail.
    pub subject: String,
    /// The text.
    pub body: Secret,
    /// The code or temporary password in the text, if there is one.
    pub code: Option<Secret>,
}

/// The change that puts a message into the outbox.
pub fn enqueue(
    (sealer, rng, now): (&Sealer, &dyn Rng, Timestamp),
    user: &User,
    channel: Channel,
    purpose: Purpose,
    content: &Content,
) -> Change {
    let id = MessageId::random(rng);
    let sealed = sealer.seal_record(context(&user.pool, &id), content, rng);
    Change::Enqueue(Message {
        pool: user.pool.clone(),
        id,
        sub: user.sub.clone(),
        channel,
        purpose,
        created_at: now,
        content: sealed,
    })
}

/// Opens a message.
pub fn open(message: &Message, sealer: &Sealer) -> Result<Content, Unsealable> {
    sealer.open_record(context(&message.pool, &message.id), &message.content)
}

fn context<'a>(pool: &'a PoolId, id: &'a MessageId) -> Context<'a> {
    Context { purpose: seal::Purpose::Message, pool, subject: id.as_str() }
}

/// An e-mail address as Cognito shows it: `j***@g***`.
pub fn mask_address(address: &str) -> String {
    let first = |text: &str| text.chars().next().map(String::from).unwrap_or_default();
    let (local, domain) = address.rsplit_once('@').unwrap_or((address, ""));
    format!("{}***@{}***", first(local), first(domain))
}
