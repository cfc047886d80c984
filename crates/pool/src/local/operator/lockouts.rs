//! Failed attempts: whose they are, and what operators see and do about them.

use crate::change::Change;
use crate::crypto::seal::{Context, SealPurpose};
use crate::entity::{User, UserPoolRecord};
use crate::error::Result;
use crate::ids::PoolId;
use crate::limits::lockout::Lockout;
use crate::local::Local;
use crate::local::commit::Plan;
use crate::request::RequestContext;
use crate::time::Timestamp;

/// The failed attempts of a user, as of now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failures {
    /// How many in a row are remembered.
    pub count: u32,
    /// Until when the user's attempts are refused unseen, if they are.
    pub locked_until: Option<Timestamp>,
}

impl Local {
    /// The failed attempts of a user, who is named by username, `sub` or alias.
    ///
    /// # Errors
    ///
    /// [`crate::Refusal::PoolNotFound`], [`crate::Refusal::UserNotFound`]; faults on our side.
    pub async fn failures(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        username: &str,
    ) -> Result<Failures> {
        let pool = self.pool(request, pool).await?;
        let lockout = self.lockout_of_user(request, &pool, username).await?;
        let now = self.now();
        Ok(Failures { count: lockout.remembered(now), locked_until: lockout.locked_until(now) })
    }

    /// Forgets the failed attempts of a user: the next attempt is looked at.
    ///
    /// # Errors
    ///
    /// [`crate::Refusal::PoolNotFound`], [`crate::Refusal::UserNotFound`]; faults on our side.
    pub async fn unlock(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        username: &str,
    ) -> Result<()> {
        let pool = self.pool(request, pool).await?;
        self.decide(request, || async {
            let lockout = self.lockout_of_user(request, &pool, username).await?;
            let changes = forget(lockout).into_iter().collect();
            Ok(Plan::accept((), changes))
        })
        .await
    }

    /// Locks a user out for as long as failed attempts ever do. For demonstrations.
    ///
    /// # Errors
    ///
    /// [`crate::Refusal::PoolNotFound`]; faults on our side.
    pub async fn lock(&self, request: &RequestContext, user: &User) -> Result<()> {
        self.decide(request, || async {
            let pool = self.pool(request, &user.pool).await?;
            let before = self.lockout_of(&pool, user.username.as_str(), Some(user)).await?;
            let locked = (0..20).fold(before, |lockout, _| lockout.after_failure(self.now()));
            let changes = vec![Change::SetLockout(locked)];
            Ok(Plan::accept((), changes))
        })
        .await
    }

    async fn lockout_of_user(
        &self,
        request: &RequestContext,
        pool: &UserPoolRecord,
        username: &str,
    ) -> Result<Lockout> {
        let user = self.get_user_in(request, pool, username).await?;
        self.lockout_of(pool, "", Some(&user)).await
    }

    /// The failures on record: a user's own, or those of a name that leads to nobody, which is
    /// kept under a pseudonym.
    pub(in crate::local) async fn lockout_of(
        &self,
        pool: &UserPoolRecord,
        name: &str,
        user: Option<&User>,
    ) -> Result<Lockout> {
        let subject = self.subject(pool, name, user);
        let lockout = self.store().lockout(&pool.id, &subject).await?;
        Ok(lockout.unwrap_or_else(|| Lockout::none(pool.id.clone(), subject)))
    }

    /// Who is counted: a user, or the pseudonym of a name that leads to nobody.
    pub(in crate::local) fn subject(
        &self,
        pool: &UserPoolRecord,
        name: &str,
        user: Option<&User>,
    ) -> String {
        // Made for users, too, so that it takes as long.
        let nobody = self.nobody(pool, name);
        user.map_or(nobody, |user| user.sub.to_string())
    }

    /// Who is counted, and has codes, where a name leads to nobody.
    pub(in crate::local) fn nobody(&self, pool: &UserPoolRecord, name: &str) -> String {
        format!("unknown:{}", self.pseudonym(pool, name))
    }

    /// What stands for a name, the same for all spellings that mean the same.
    pub(in crate::local) fn pseudonym(&self, pool: &UserPoolRecord, name: &str) -> String {
        let key = pool.username_key(name);
        let context = Context { purpose: SealPurpose::UnknownName, pool: &pool.id, subject: &key };
        self.sealer().pseudonym(context)
    }
}

/// What forgets failed attempts, if there are any.
pub(in crate::local) fn forget(lockout: Lockout) -> Option<Change> {
    let Lockout { pool, subject, version, .. } = lockout;
    (version > 0).then_some(Change::ClearLockout { pool, subject, version })
}
