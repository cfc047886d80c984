//! What follows a call that cannot be undone. If it fails, the caller is told of the success all the
//! same: what remains is a row of our own, and is tried until it is done.

use crate::amazon::Amazon;
use poolkeeper_pool::entity::{FollowUp, FollowUpWork};
use poolkeeper_pool::error::{Error, Refusal, Result};
use poolkeeper_pool::ids::Sub;
use poolkeeper_pool::request::RequestContext;

impl Amazon {
    /// Does it now, or keeps it for later.
    pub(crate) async fn follow_up(
        &self,
        request: &RequestContext,
        username: &str,
        work: FollowUpWork,
    ) -> Result<()> {
        let Err(problem) = self.carry_out(username, &work).await else { return Ok(()) };
        let pool = &self.settings.pool;
        tracing::warn!(%problem, %pool, ?work, "a call that follows is left for later");
        // By then, an address may be somebody else's.
        let sub = self.get_user(username).await.map(|user| user.sub);
        let username = sub.as_ref().map_or(username, Sub::as_str);
        self.parts.follow_ups.keep_follow_up(request, pool, username, work).await
    }

    /// Tries what was left for later and is due.
    ///
    /// # Errors
    ///
    /// Faults of our own store alone. What fails at Amazon stays to be tried again.
    pub async fn catch_up(&self, request: &RequestContext) -> Result<()> {
        let pool = &self.settings.pool;
        for FollowUp { id, username, work, .. } in
            self.parts.follow_ups.claim_follow_ups(request, pool).await?
        {
            match self.carry_out(&username, &work).await {
                Ok(()) => self.parts.follow_ups.forget_follow_up(request, &id).await?,
                Err(problem) => {
                    tracing::warn!(%problem, %pool, ?work, "a call that follows fails again");
                }
            }
        }
        Ok(())
    }

    /// Of a user who is gone, nothing remains to be done; nor about a group that is gone.
    async fn carry_out(&self, username: &str, work: &FollowUpWork) -> Result<()> {
        let done = match work {
            FollowUpWork::EndEverything => self.end_everything(username).await,
            FollowUpWork::ForgetDevices => self.forget_devices(username).await,
            FollowUpWork::JoinGroup(group) => self.put_into_group(username, group).await,
            FollowUpWork::RemoveUser => self.remove_user(username).await,
        };
        match done {
            Err(Error::Refused(Refusal::UserNotFound)) => Ok(()),
            Err(Error::Refused(refusal @ Refusal::GroupNotFound(_))) => {
                let pool = &self.settings.pool;
                tracing::error!(%refusal, %pool, "a new user is missing in a group that is gone");
                Ok(())
            }
            done => done,
        }
    }
}
