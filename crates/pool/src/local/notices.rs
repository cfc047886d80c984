//! Tells users when a password, an address, a factor or a device of theirs changes.
//!
//! One place compares what a commit makes of a user with what the user was, so that no operation
//! can forget it.

use super::Local;
use crate::change::Change;
use crate::crypto::seal::{self, Context};
use crate::entity::{Contact, Kind, MessagePurpose, User};
use crate::error::Result;
use crate::ids::{PoolId, Sub};
use crate::limits::quota::{Quota, Use};
use crate::message::{self, ChangeNotice, Content};
use crate::notice::{self, Aspect, Difference};
use std::collections::{BTreeSet, VecDeque};
use std::time::Duration;

/// What a user is told.
pub(super) struct Notice {
    /// That it counts: for one of the aspects that it is about, the gravest of which the user has not
    /// been told often enough.
    counts: VecDeque<Change>,
    send: Change,
}

impl Notice {
    /// How many changes a notice is.
    pub(super) const CHANGES: usize = 2;

    /// The changes that tell it; none if it is told no more.
    pub(super) fn changes(&self) -> impl Iterator<Item = Change> {
        let count = self.counts.front().cloned();
        let send = count.is_some().then(|| self.send.clone());
        count.into_iter().chain(send)
    }

    /// Has it count for the next aspect, since this one has been told often enough. Without one it is
    /// told no more.
    pub(super) fn count_otherwise(&mut self) {
        self.counts.pop_front();
    }

    pub(super) fn is_told(&self) -> bool {
        !self.counts.is_empty()
    }
}

/// How long a message is worth sending.
const LIFE: Duration = Duration::from_hours(24);

impl Local {
    /// What users have to be told of these changes, if they are committed. The `basis` is a user that
    /// they were decided on, as loaded then.
    pub(super) async fn notices(
        &self,
        changes: &[Change],
        basis: Option<&User>,
    ) -> Result<Vec<Notice>> {
        let mut told: Vec<(User, Vec<Difference>)> = Vec::new();
        for change in changes {
            let Some((user, new)) = self.differences(change, basis).await? else { continue };
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
    async fn differences(
        &self,
        change: &Change,
        basis: Option<&User>,
    ) -> Result<Option<(User, Vec<Difference>)>> {
        let (user, differences) = match change {
            Change::UpdateUser(after) => {
                let before =
                    self.at_version((&after.pool, &after.sub), after.version, basis).await?;
                let Some(before) = before else { return Ok(None) };
                let differences = notice::differences(&before, after, self.now());
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
            Change::DeleteUser { pool, sub, version } => {
                (self.at_version((pool, sub), *version, basis).await?, vec![Difference::GONE])
            }
            _ => return Ok(None),
        };
        let user = user.filter(|user| user.kind == Kind::Person && !differences.is_empty());
        Ok(user.map(|user| (user, differences)))
    }

    /// The user that a commit expects to find. If others were faster, nothing of it is going to be
    /// committed.
    async fn at_version(
        &self,
        (pool, sub): (&PoolId, &Sub),
        version: i64,
        basis: Option<&User>,
    ) -> Result<Option<User>> {
        let is_that =
            |user: &User| user.pool == *pool && user.sub == *sub && user.version == version;
        match basis.filter(|user| is_that(user)) {
            Some(user) => Ok(Some(user.clone())),
            None => Ok(self.store().user(pool, sub).await?.filter(is_that)),
        }
    }

    /// Word of what is different, to the address that the user had proven before.
    async fn notice(&self, user: &User, differences: &[Difference]) -> Result<Option<Notice>> {
        let Some((contact, to)) = notice::told_at(user, differences, self.now()) else {
            return Ok(None);
        };
        let pool = self.store().pool(&user.pool).await?;
        let Some(pool) = pool.filter(|pool| !pool.rules.without_notices) else { return Ok(None) };
        let is_gone = differences.contains(&Difference::GONE);
        let (username, change) = (notice::name(&pool, user), notice::sentences(differences));
        let notice = ChangeNotice { contact, to, username, change: &change, is_gone };
        // A deleted account keeps no word of what was done to it before from its user.
        let about = Some(user.username.clone());
        let content = Content { about, ..notice.compose(&pool.rules.templates) };
        let parts = (self.sealer(), self.rng(), self.now());
        let (channel, purpose) = (contact.channel(), MessagePurpose::AccountChanged);
        let expires_at = self.now().after(LIFE);
        let send = message::enqueue(parts, user, channel, purpose, expires_at, &content);
        let aspects: BTreeSet<_> = differences.iter().map(|difference| difference.aspect).collect();
        let counts =
            aspects.into_iter().map(|aspect| self.notice_count(user, (contact, to), aspect));
        Ok(Some(Notice { counts: counts.collect(), send }))
    }

    fn notice_count(&self, user: &User, (contact, to): (Contact, &str), aspect: Aspect) -> Change {
        let subject = match aspect {
            Aspect::Recipient => {
                let address = format!("{}:{to}", contact.channel().name());
                let purpose = seal::SealPurpose::Recipient;
                let context = Context { purpose, pool: &user.pool, subject: &address };
                format!("{}:{}", user.sub, self.sealer().pseudonym(context))
            }
            _ => user.sub.to_string(),
        };
        let (pool, quota, at) = (user.pool.clone(), Quota::Notice(aspect), self.now());
        Change::UseQuota(Use { pool, subject, quota, limit: quota.limit(), at })
    }
}
