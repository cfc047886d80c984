//! What may be done so often within an hour: by whom it is counted, and who hears of it.

use crate::change::Change;
use crate::entity::{AppClient, UserPoolRecord};
use crate::error::{Refusal, Result};
use crate::limits::quota::{Quota, Use};
use crate::local::Local;

/// One use of a quota by a name that was given.
pub(in crate::local) struct Counted {
    /// What counts it: to be committed with whatever is decided.
    pub(in crate::local) changes: Vec<Change>,
    /// Whether the user that the name leads to has had enough, by whatever names. Nobody is told:
    /// no message goes out, and no code is right.
    pub(in crate::local) is_silenced: bool,
}

impl Counted {
    /// What may be told of a code.
    pub(in crate::local) fn judge<T>(&self, found: Result<T, Refusal>) -> Result<T, Refusal> {
        if self.is_silenced { Err(Refusal::VerificationCodeWrong) } else { found }
    }
}

impl Local {
    /// Counts what is done by a name. Through clients that hide users, the limit that is told is the
    /// name's: one that several names shared would tell that they lead to the same user. The user's
    /// own is kept in silence, and a name that leads to nobody has both for the same work.
    ///
    /// Both are asked before anything else is done. A right code takes longer than a wrong one, and
    /// beyond the limit not even that may show.
    pub(in crate::local) async fn count(
        &self,
        (pool, client): (&UserPoolRecord, &AppClient),
        (name, subject): (&str, &str),
        quota: Quota,
    ) -> Result<Counted> {
        let own = self.use_of(pool, subject, quota);
        let told = if client.hides_users {
            self.use_of(pool, &format!("name:{}", self.pseudonym(pool, name)), quota)
        } else {
            own.clone()
        };
        if self.store().is_used_up(&told).await? {
            return Err(Refusal::LimitExceeded.into());
        }
        let mut changes = vec![Change::UseQuota(told)];
        if !client.hides_users {
            return Ok(Counted { changes, is_silenced: false });
        }
        let is_silenced = self.store().is_used_up(&own).await?;
        // Counted on beyond the limit, which changes nothing but is the same work.
        let limit = if is_silenced { i64::MAX } else { own.limit };
        changes.push(Change::UseSilentQuota(Use { limit, ..own }));
        Ok(Counted { changes, is_silenced })
    }

    /// One use of a user's own quota, who has proven to be that user.
    pub(in crate::local) fn use_quota(
        &self,
        pool: &UserPoolRecord,
        subject: &str,
        quota: Quota,
    ) -> Change {
        Change::UseQuota(self.use_of(pool, subject, quota))
    }

    fn use_of(&self, pool: &UserPoolRecord, subject: &str, quota: Quota) -> Use {
        let (pool, subject) = (pool.id.clone(), subject.to_owned());
        Use { pool, subject, quota, limit: quota.limit(), at: self.now() }
    }
}
