use crate::crypto::seal::{Context, SealPurpose};
use crate::error::Result;
use crate::ids::PoolId;
use crate::limits::rate_limit::{RateDecision, RateLimit, SharedLimiter};
use crate::local::Local;
use async_trait::async_trait;

impl Local {
    /// Whether other nodes may work on the same records.
    pub fn has_other_nodes(&self) -> bool {
        self.store().is_shared()
    }
}

#[async_trait]
impl SharedLimiter for Local {
    async fn count_call(
        &self,
        limit: &str,
        key: &str,
        rate_limit: RateLimit,
    ) -> Result<RateDecision> {
        let subject = format!("{limit} {key}");
        let context = Context {
            purpose: SealPurpose::RateLimits,
            pool: &PoolId::from(""),
            subject: &subject,
        };
        let key = self.sealer().pseudonym(context);
        Ok(self.store().count_call(&key, rate_limit, self.now()).await?)
    }
}
