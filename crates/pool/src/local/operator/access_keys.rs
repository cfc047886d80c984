use crate::change::Change;
use crate::crypto::seal::{Context, SealPurpose};
use crate::crypto::secret::Secret;
use crate::entity::AccessKey;
use crate::error::Result;
use crate::ids::{AccessKeyId, PoolId};
use crate::local::Local;
use crate::request::RequestContext;

impl Local {
    /// An access key with its secret, to check a signature with.
    ///
    /// # Errors
    ///
    /// Faults on our side alone.
    pub async fn access_key(&self, id: &AccessKeyId) -> Result<Option<(AccessKey, Secret)>> {
        let Some(key) = self.store().access_key(id).await? else { return Ok(None) };
        let secret = self.sealer().open_secret(context(&NO_POOL, id), &key.secret)?;
        Ok(Some((key, secret)))
    }

    /// Creates or replaces an access key that may call `operations` on `pools`.
    ///
    /// # Errors
    ///
    /// Faults on our side alone.
    pub async fn put_access_key(
        &self,
        request: &RequestContext,
        id: AccessKeyId,
        secret: &Secret,
        operations: Vec<String>,
        pools: Vec<String>,
    ) -> Result<()> {
        let secret = self.sealer().seal_secret(context(&NO_POOL, &id), secret, self.rng());
        self.commit(
            request,
            vec![Change::PutAccessKey(AccessKey { id, secret, operations, pools })],
        )
        .await
    }
}

/// Access keys stand above pools.
static NO_POOL: std::sync::LazyLock<PoolId> = std::sync::LazyLock::new(|| PoolId::new(""));

fn context<'a>(pool: &'a PoolId, id: &'a AccessKeyId) -> Context<'a> {
    Context { purpose: SealPurpose::AccessKey, pool, subject: id.as_str() }
}
