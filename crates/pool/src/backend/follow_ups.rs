//! What remains to be done in a pool that lives elsewhere.

use crate::entity::{FollowUp, FollowUpWork};
use crate::error::Result;
use crate::ids::PoolId;
use crate::request::RequestContext;
use async_trait::async_trait;

/// What is kept here of calls to Amazon that remain to be made.
#[async_trait]
pub trait FollowUps: Send + Sync {
    /// Keeps one, due in a minute. Returns its id.
    ///
    /// # Errors
    ///
    /// Faults on our side alone.
    async fn keep_follow_up(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        username: &str,
        work: FollowUpWork,
    ) -> Result<String>;

    /// Claims the follow-ups that are due. After each claim, a follow-up is due again later: after one
    /// minute, then after twice as long each time, at most an hour.
    ///
    /// # Errors
    ///
    /// Faults on our side alone.
    async fn claim_follow_ups(
        &self,
        request: &RequestContext,
        pool: &PoolId,
    ) -> Result<Vec<FollowUp>>;

    /// Forgets one that is done.
    ///
    /// # Errors
    ///
    /// Faults on our side alone.
    async fn forget_follow_up(&self, request: &RequestContext, id: &str) -> Result<()>;

    /// Forgets one that is not to be done after all. False if it has been tried meanwhile.
    ///
    /// # Errors
    ///
    /// Faults on our side alone.
    async fn withdraw_follow_up(&self, request: &RequestContext, id: &str) -> Result<bool>;
}
