//! What remains to be done at Amazon, as a queue: whoever tries an entry claims it until it is due
//! again.

use crate::backend::follow_ups::FollowUps;
use crate::change::Change;
use crate::entity::{FollowUp, FollowUpWork};
use crate::error::{Error, Fault, Result};
use crate::ids::{PoolId, random_uuid};
use crate::local::Local;
use crate::request::RequestContext;
use async_trait::async_trait;
use std::time::Duration;

/// How many are claimed at once: they are tried one after the other, before they are due again.
const PORTION: usize = 5;

/// The time from the first attempt to the second; it doubles with each.
const FIRST_PAUSE: Duration = Duration::from_mins(1);

/// The longest time between two attempts.
const LONGEST_PAUSE: Duration = Duration::from_hours(1);

#[async_trait]
impl FollowUps for Local {
    async fn keep_follow_up(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        username: &str,
        work: FollowUpWork,
    ) -> Result<String> {
        let id = random_uuid(self.rng());
        let follow_up = FollowUp {
            id: id.clone(),
            pool: pool.clone(),
            username: username.to_owned(),
            work,
            // It is tried at once, without anybody asking for it.
            due: self.now().after(FIRST_PAUSE),
            attempts: 0,
        };
        self.commit(request, vec![Change::PutFollowUp(follow_up)]).await?;
        Ok(id)
    }

    async fn claim_follow_ups(
        &self,
        request: &RequestContext,
        pool: &PoolId,
    ) -> Result<Vec<FollowUp>> {
        let mut claimed = Vec::new();
        for follow_up in self.store().due_follow_ups(pool, self.now(), PORTION).await? {
            let FollowUp { id, attempts, .. } = &follow_up;
            let due = self.now().after(pause(attempts.saturating_add(1)));
            let claim = Change::TryFollowUp { id: id.clone(), attempts: *attempts, due };
            match self.commit(request, vec![claim]).await {
                Ok(()) => claimed.push(follow_up),
                // Another node was faster.
                Err(Error::Fault(Fault::Contended)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(claimed)
    }

    async fn forget_follow_up(&self, request: &RequestContext, id: &str) -> Result<()> {
        self.commit(request, vec![Change::DeleteFollowUp { id: id.to_owned() }]).await
    }

    async fn withdraw_follow_up(&self, request: &RequestContext, id: &str) -> Result<bool> {
        let claim = Change::TryFollowUp { id: id.to_owned(), attempts: 0, due: self.now() };
        let delete = Change::DeleteFollowUp { id: id.to_owned() };
        match self.commit(request, vec![claim, delete]).await {
            Ok(()) => Ok(true),
            Err(Error::Fault(Fault::Contended)) => Ok(false),
            Err(error) => Err(error),
        }
    }
}

fn pause(attempts: u32) -> Duration {
    FIRST_PAUSE.saturating_mul(1 << attempts.min(10)).min(LONGEST_PAUSE)
}
