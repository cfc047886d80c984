//! People who signed up and never proved it: they are removed, or strangers could fill the database.

use crate::change::Change;
use crate::entity::{User, UserPoolRecord, UserStatus};
use crate::error::{CommitError, Result};
use crate::ids::{PoolId, Sub};
use crate::local::Local;

/// How many are looked at at a time, in one commit.
const PORTION: usize = 200;

/// The note that a sign-up is to be proven in time, where the pool wants that.
pub(in crate::local) fn time_to_confirm(pool: &UserPoolRecord, user: &User) -> Option<Change> {
    let until = user.created_at.after(pool.rules.time_to_confirm()?);
    Some(Change::PutSignUp { pool: pool.id.clone(), sub: user.sub.clone(), until })
}

impl Local {
    /// Removes some of those whose time is over, with all that is theirs. If one of them proves the
    /// sign-up at the same moment, or another node was first, it is left for the next time. Whether
    /// more may be left.
    pub(in crate::local) async fn remove_unconfirmed(&self) -> Result<bool> {
        let expired = self.store().expired_sign_ups(self.now(), PORTION).await?;
        let more = expired.len() >= PORTION;
        let mut changes = Vec::new();
        for (pool, sub) in expired {
            changes.push(self.end_of_sign_up(pool, sub).await?);
        }
        if changes.is_empty() {
            return Ok(false);
        }
        match self.store().commit(changes).await {
            Ok(()) | Err(CommitError::Refused(_)) => Ok(more),
            Err(CommitError::Store(error)) => Err(error.into()),
        }
    }

    /// What becomes of a sign-up whose time is over: the user is removed, or, if there is more to
    /// the user than a sign-up, the note. The pool may give people more time than it did.
    async fn end_of_sign_up(&self, pool: PoolId, sub: Sub) -> Result<Change> {
        let record = self.store().pool(&pool).await?;
        let user = self.store().user(&pool, &sub).await?;
        let (Some(record), Some(user)) = (record, user) else {
            return Ok(Change::RemoveSignUp { pool, sub });
        };
        // Who was disabled was looked at by somebody, and the name is to stay taken.
        let is_forgotten = user.status == UserStatus::Unconfirmed && user.enabled;
        let Some(life) = record.rules.time_to_confirm().filter(|_| is_forgotten) else {
            return Ok(Change::RemoveSignUp { pool, sub });
        };
        let until = user.created_at.after(life);
        if until >= self.now() {
            return Ok(Change::PutSignUp { pool, sub, until });
        }
        Ok(Change::DeleteUser { pool, sub, version: user.version })
    }
}
