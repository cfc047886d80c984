//! Partners with what their users may do, and tenants.

use crate::change::Change;
use crate::entity::{Grant, Group, Partner};
use crate::error::{PartnerFlaw, Refusal, Result};
use crate::ids::{GroupName, PartnerId, PoolId};
use crate::local::Local;
use crate::local::commit::Plan;
use crate::request::RequestContext;

impl Local {
    /// Makes a partner, and the group that its users are in if there is none.
    ///
    /// # Errors
    ///
    /// [`Refusal::PoolNotFound`]; [`Refusal::Invalid`] ([`PartnerFlaw`]) if there is a partner of
    /// this id; [`Refusal::GroupExists`] if somebody else makes the group at the same time;
    /// faults on our side.
    pub async fn create_partner(&self, request: &RequestContext, partner: Partner) -> Result<()> {
        let pool = self.pool(request, &partner.pool).await?.id;
        let name = partner.id.group();
        let now = self.now();
        self.decide(request, || async {
            if self.store().partner(&pool, &partner.id).await?.is_some() {
                let flaw = PartnerFlaw::Exists(partner.id.clone());
                return Err(Refusal::invalid(flaw).into());
            }
            let mut changes = vec![Change::CreatePartner(Box::new(partner.clone()))];
            if self.store().group(&pool, &name).await?.is_none() {
                changes.push(Change::CreateGroup(Group {
                    pool: pool.clone(),
                    name: name.clone(),
                    description: None,
                    role_arn: None,
                    precedence: None,
                    created_at: now,
                    modified_at: now,
                }));
            }
            Ok(Plan::accept((), changes))
        })
        .await
    }

    /// Changes a partner as of now, and gives it as it is then. Calls that come after see it so.
    ///
    /// # Errors
    ///
    /// [`Refusal::PartnerNotFound`]; faults on our side.
    pub async fn edit_partner(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        id: &PartnerId,
        edit: impl Fn(&mut Partner),
    ) -> Result<Partner> {
        self.decide(request, || async {
            let before = self.store().partner(pool, id).await?.ok_or(Refusal::PartnerNotFound)?;
            let mut after = before.clone();
            edit(&mut after);
            if after == before {
                return Ok(Plan::accept(after, Vec::new()));
            }
            let (before, new) = (Box::new(before), Box::new(after.clone()));
            let changes = vec![Change::UpdatePartner { before, after: new }];
            Ok(Plan::accept(after, changes))
        })
        .await
    }

    /// All partners of a pool by id.
    ///
    /// # Errors
    ///
    /// Faults on our side alone.
    pub async fn partners(&self, pool: &PoolId) -> Result<Vec<Partner>> {
        Ok(self.store().partners(pool).await?)
    }

    /// The partners that these groups stand for. Groups that no partner is on record for are none.
    pub(in crate::local) async fn partners_of(
        &self,
        pool: &PoolId,
        groups: impl Iterator<Item = &GroupName> + Send,
    ) -> Result<Vec<Partner>> {
        let ids: Vec<_> = groups.filter_map(PartnerId::of_group).collect();
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        Ok(self.store().partners_named(pool, &ids).await?)
    }

    /// Lets a group carry a permission. A second time changes nothing.
    ///
    /// # Errors
    ///
    /// [`Refusal::Invalid`] ([`PartnerFlaw`]) if the permission is malformed;
    /// [`Refusal::PoolNotFound`], [`Refusal::GroupNotFound`], [`Refusal::PartnerNotFound`];
    /// faults on our side.
    pub async fn grant(&self, request: &RequestContext, grant: Grant) -> Result<()> {
        self.check_grant(request, &grant).await?;
        self.commit(request, vec![Change::Grant(grant)]).await
    }

    /// Takes a permission from a group. A second time changes nothing.
    ///
    /// # Errors
    ///
    /// Faults on our side alone.
    pub async fn revoke_grant(&self, request: &RequestContext, grant: Grant) -> Result<()> {
        self.commit(request, vec![Change::RevokeGrant(grant)]).await
    }

    /// All permissions that groups of a pool carry, by group, partner and permission.
    ///
    /// # Errors
    ///
    /// Faults on our side alone.
    pub async fn all_grants(&self, pool: &PoolId) -> Result<Vec<Grant>> {
        Ok(self.store().all_grants(pool).await?)
    }

    /// A grant to a group or for a partner that does not exist would wait for one to be made.
    async fn check_grant(&self, request: &RequestContext, grant: &Grant) -> Result<()> {
        if !Grant::is_permission(&grant.permission) {
            return Err(Refusal::invalid(PartnerFlaw::Permission).into());
        }
        self.group(request, &grant.pool, &grant.group).await?;
        if let Some(partner) = &grant.partner
            && self.store().partner(&grant.pool, partner).await?.is_none()
        {
            return Err(Refusal::PartnerNotFound.into());
        }
        Ok(())
    }
}
