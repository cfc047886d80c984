use crate::crypto::seal::{Context, SealPurpose};
use crate::error::Result;
use crate::ids::PoolId;
use crate::limits::rate_limit::{RateDecision, RateLimit, SharedLimiter};
use crate::local::Local;
use crate::time::Timestamp;
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
        let key = self.stored_key(limit, key);
        Ok(self.store().count_call(&key, rate_limit, self.now()).await?)
    }

    async fn give_back_call(
        &self,
        limit: &str,
        key: &str,
        rate_limit: RateLimit,
        counted_at: Timestamp,
    ) -> Result<()> {
        let key = self.stored_key(limit, key);
        Ok(self
            .store()
            .give_back_call(&key, rate_limit.outstanding(counted_at, self.now()))
            .await?)
    }
}

impl Local {
    fn stored_key(&self, limit: &str, key: &str) -> String {
        let subject = format!("{limit} {key}");
        let context = Context {
            purpose: SealPurpose::RateLimits,
            pool: &PoolId::from(""),
            subject: &subject,
        };
        self.sealer().pseudonym(context)
    }
}
