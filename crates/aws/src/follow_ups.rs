//! What follows a call that cannot be undone. Before it is tried, it is a row of our own, so that it
//! happens even if the request is cut short. The caller is told of the success, whatever becomes of it.

use crate::amazon::Amazon;
use poolkeeper_pool::entity::{FollowUp, FollowUpWork};
use poolkeeper_pool::error::{Error, Refusal, Result};
use poolkeeper_pool::request::RequestContext;

impl Amazon {
    /// Does it now or, if that fails, later.
    ///
    /// # Errors
    ///
    /// Faults of our own store, if Amazon fails as well.
    pub(crate) async fn follow_up(
        &self,
        request: &RequestContext,
        username: &str,
        work: FollowUpWork,
    ) -> Result<()> {
        let kept = self.keep(request, username, &work).await;
        match (self.carry_out(username, &work).await, kept) {
            (Ok(()), Ok(id)) => self.parts.follow_ups.forget_follow_up(request, &id).await,
            (Ok(()), Err(problem)) => {
                tracing::warn!(%problem, "a follow-up call could not be recorded; it succeeded at once");
                Ok(())
            }
            (Err(problem), Ok(id)) => {
                self.warn(&problem, &work);
                self.rename(request, &id, username, &work).await
            }
            (Err(problem), Err(fault)) => {
                self.warn(&problem, &work);
                Err(fault)
            }
        }
    }

    /// Keeps it, to be tried in a minute. Gives its id.
    pub(crate) async fn keep(
        &self,
        request: &RequestContext,
        username: &str,
        work: &FollowUpWork,
    ) -> Result<String> {
        let (follow_ups, pool) = (&self.parts.follow_ups, &self.settings.pool);
        follow_ups.keep_follow_up(request, pool, username, work.clone()).await
    }

    /// Keeps it by the user's `sub`: when it is tried again, an address may be somebody else's.
    async fn rename(
        &self,
        request: &RequestContext,
        id: &str,
        username: &str,
        work: &FollowUpWork,
    ) -> Result<()> {
        match self.get_user(username).await {
            Ok(user) if user.sub.as_str() != username => {
                self.keep(request, user.sub.as_str(), work).await?;
                self.parts.follow_ups.forget_follow_up(request, id).await
            }
            _ => Ok(()),
        }
    }

    pub(crate) fn warn(&self, problem: &Error, work: &FollowUpWork) {
        let pool = &self.settings.pool;
        tracing::warn!(%problem, %pool, ?work, "a follow-up call failed; it will be repeated");
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
                Err(problem) => self.warn(&problem, &work),
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
            FollowUpWork::PreferApp => self.prefer_app_of(username).await,
            FollowUpWork::RemoveUser => self.remove_user(username).await,
        };
        match done {
            Err(Error::Refused(Refusal::UserNotFound)) => Ok(()),
            Err(Error::Refused(refusal @ Refusal::GroupNotFound(_))) => {
                let pool = &self.settings.pool;
                tracing::error!(%refusal, %pool, "cannot add a new user to a group: the group no longer exists");
                Ok(())
            }
            done => done,
        }
    }
}
