use crate::backend::administration::Listing;
use crate::change::Change;
use crate::entity::{GivenSettings, UserPoolRecord};
use crate::error::{PoolFlaw, Refusal, Result};
use crate::ids::PoolId;
use crate::local::Local;
use crate::local::commit::Plan;
use crate::local::cursor::Listed;
use crate::request::RequestContext;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

impl Local {
    /// A page of all pools by id (`ListUserPools`).
    ///
    /// # Errors
    ///
    /// [`Refusal::Invalid`] (`Invalid::PaginationToken`); faults on our side.
    pub async fn list_pools(
        &self,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<Listing<UserPoolRecord>> {
        let listed = Listed { pool: &PoolId::from(""), what: "pools" };
        let after: Option<PoolId> = self.open_cursor(listed, cursor)?;
        let found = self.store().pools(after.as_ref(), limit.saturating_add(1)).await?;
        Ok(self.page(listed, found, limit, |pool| pool.id.clone()))
    }

    /// Removes a pool with all that is in it (`DeleteUserPool`), unless it is protected. Nobody finds
    /// it any more when this returns; [`Local::sweep`] removes what was in it.
    ///
    /// # Errors
    ///
    /// [`Refusal::PoolNotFound`]; [`Refusal::Invalid`] ([`PoolFlaw`]) if it is protected;
    /// faults on our side.
    pub async fn delete_pool(&self, request: &RequestContext, id: &PoolId) -> Result<()> {
        self.decide(request, || async {
            let UserPoolRecord { id, version, other, .. } = self.pool(request, id).await?;
            if other.is_protected() {
                return Err(Refusal::invalid(PoolFlaw::DeletionProtected).into());
            }
            let delete = Change::DeletePool { pool: id.clone(), version };
            Ok(Plan::accept((), vec![delete]))
        })
        .await?;
        self.key_rings.forget(id);
        Ok(())
    }

    /// A pool's tags (`ListTagsForResource`).
    ///
    /// # Errors
    ///
    /// [`Refusal::PoolNotFound`]; faults on our side.
    pub async fn pool_tags(
        &self,
        request: &RequestContext,
        id: &PoolId,
    ) -> Result<BTreeMap<String, String>> {
        let pool = self.pool(request, id).await?;
        let tags = pool.other.tags().into_iter().flatten();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        Ok(tags.map(|(name, value)| (name.clone(), text(value))).collect())
    }

    /// Adds tags to a pool, or replaces their values (`TagResource`).
    ///
    /// # Errors
    ///
    /// [`Refusal::PoolNotFound`]; [`Refusal::Invalid`] ([`PoolFlaw`]) for too many tags;
    /// faults on our side.
    pub async fn tag_pool(
        &self,
        request: &RequestContext,
        id: &PoolId,
        tags: &BTreeMap<String, String>,
    ) -> Result<()> {
        let tags = tags.iter().map(|(name, value)| (name.clone(), Value::from(value.as_str())));
        let tags: Map<String, Value> = tags.collect();
        self.edit_tags(request, id, |kept| kept.extend(tags.clone())).await
    }

    /// Removes tags from a pool (`UntagResource`).
    ///
    /// # Errors
    ///
    /// [`Refusal::PoolNotFound`]; [`Refusal::Invalid`] ([`PoolFlaw`]) if too many tags are left;
    /// faults on our side.
    pub async fn untag_pool(
        &self,
        request: &RequestContext,
        id: &PoolId,
        names: &[String],
    ) -> Result<()> {
        self.edit_tags(request, id, |kept| kept.retain(|name, _| !names.contains(name))).await
    }

    async fn edit_tags(
        &self,
        request: &RequestContext,
        id: &PoolId,
        edit: impl Fn(&mut Map<String, Value>),
    ) -> Result<()> {
        self.edit_pool(request, id, |pool| {
            let mut tags = pool.other.tags().cloned().unwrap_or_default();
            edit(&mut tags);
            pool.other.set_tags(tags);
            check_tags(&pool.other)
        })
        .await
        .map(drop)
    }
}

/// Refuses settings with more tags than a pool can have.
pub(in crate::local) fn check_tags(settings: &GivenSettings) -> Result<(), Refusal> {
    const MOST: usize = 50;
    if settings.tags().is_some_and(|tags| tags.len() > MOST) {
        return Err(Refusal::invalid(PoolFlaw::TooManyTags { most: MOST }));
    }
    Ok(())
}
