//! What remains to be done in a pool that lives elsewhere.

use crate::entity::{FollowUp, FollowUpWork};
use crate::error::Result;
use crate::ids::PoolId;
use crate::request::RequestContext;
use async_trait::async_trait;

/// What is kept here of calls to Amazon that remain to be made.
#[async_trait]
pub trait FollowUps: Send + Sync {
    /// Keeps one, due at once.
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
    ) -> Result<()>;

    /// Those that are due and are this caller's to try, until they are due again: some minutes later
    /// with each attempt, an hour at most.
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
}
