//! Tells users when a password, an address, a factor or a device of theirs changes.
//!
//! One place compares what a commit makes of a user with what the user was, so that no operation
//! can forget it.

use super::Local;
use crate::change::Change;
use crate::entity::{Kind, Purpose, User};
use crate::error::Result;
use crate::message::{self, ChangeNotice};
use crate::notice::{self, Difference};
use crate::quota::Use;
use std::time::Duration;

/// What a user is told, and that it counts.
pub(super) type Notice = [Change; 2];

/// How many changes a [`Notice`] is.
pub(super) const NOTICE: usize = 2;

/// How long a message is worth sending.
const LIFE: Duration = Duration::from_hours(24);

impl Local {
    /// What users have to be told of these changes, if they are committed.
    pub(super) async fn notices(&self, changes: &[Change]) -> Result<Vec<Notice>> {
        let mut told: Vec<(User, Vec<Difference>)> = Vec::new();
        for change in changes {
            let Some((user, new)) = self.differences(change).await? else { continue };
            let is_same = |(other, _): &&mut (User, Vec<Difference>)| {
                other.sub == user.sub && other.pool == user.pool
            };
            match told.iter_mut().find(is_same) {
                Some((_, all)) => all.extend(new),
                None => told.push((user, new)),
            }
        }
        let mut notices = Vec::with_capacity(told.len());
        for (user, differences) in told {
            notices.extend(self.notice(&user, &differences).await?);
        }
        Ok(notices)
    }

    /// The user as of now and what a change makes different.
    async fn differences(&self, change: &Change) -> Result<Option<(User, Vec<Difference>)>> {
        let (user, differences) = match change {
            Change::UpdateUser(after) => {
                let before = self.store().user(&after.pool, &after.sub).await?;
                // If others were faster, nothing of this is going to be committed.
                let Some(before) = before.filter(|before| before.version == after.version) else {
                    return Ok(None);
                };
                let differences = notice::differences(&before, after);
                (Some(before), differences)
            }
            Change::CreateDevice(device) if device.remembered => {
                (self.store().user(&device.pool, &device.sub).await?, vec![Difference::DEVICE])
            }
            Change::UpdateDevice(device) if device.remembered => {
                let (pool, sub) = (&device.pool, &device.sub);
                let before = self.store().device(pool, sub, &device.key).await?;
                if before.is_none_or(|before| before.remembered) {
                    return Ok(None);
                }
                (self.store().user(pool, sub).await?, vec![Difference::DEVICE])
            }
            Change::PutTrustedDevice(device) => {
                (self.store().user(&device.pool, &device.sub).await?, vec![Difference::DEVICE])
            }
            _ => return Ok(None),
        };
        let user = user.filter(|user| user.kind == Kind::Person && !differences.is_empty());
        Ok(user.map(|user| (user, differences)))
    }

    /// Word of what is different, to the address that the user had proven before.
    async fn notice(&self, user: &User, differences: &[Difference]) -> Result<Option<Notice>> {
        let Some((contact, to)) = notice::recipient(user) else { return Ok(None) };
        let Some(gravest) = differences.iter().map(|difference| difference.aspect).min() else {
            return Ok(None);
        };
        let pool = self.store().pool(&user.pool).await?;
        let Some(pool) = pool.filter(|pool| !pool.rules.without_notices) else { return Ok(None) };
        let change = notice::sentences(differences);
        let username = user.username.as_str();
        let content =
            ChangeNotice { contact, to, username, change: &change }.compose(&pool.rules.templates);
        let parts = (self.sealer(), self.rng(), self.now());
        let (channel, purpose) = (contact.channel(), Purpose::AccountChanged);
        let expires_at = self.now().after(LIFE);
        let send = message::enqueue(parts, user, channel, purpose, expires_at, &content);
        let count = Change::UseQuota(Use {
            pool: user.pool.clone(),
            subject: user.sub.as_str().to_owned(),
            quota: gravest.quota(),
            limit: gravest.quota().limit(),
            at: self.now(),
        });
        Ok(Some([count, send]))
    }
}
