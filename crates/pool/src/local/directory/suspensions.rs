//! Who suspended whom. Whoever suspends lifts: what the operator has done by the group, or by
//! disabling the user, no partner's administrator undoes.

use crate::backend::partners::SuspensionRecords;
use crate::change::Change;
use crate::entity::{Suspension, User};
use crate::error::{Refusal, Result};
use crate::ids::{PartnerId, PoolId, Sub};
use crate::local::Local;
use crate::local::commit::Plan;
use crate::local::directory::administrators::By;
use crate::request::RequestContext;
use async_trait::async_trait;

impl Local {
    /// Suspends a user for a partner and ends the user's sign-ins. Who is suspended already stays
    /// so by whom it was done.
    pub(in crate::local) async fn suspend_user(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        sub: &Sub,
        by: (&PartnerId, &Sub),
    ) -> Result<()> {
        let (partner, administrator) = by;
        let group = self.settings().partner_groups.suspended.clone();
        self.group(request, pool, &group).await?;
        self.decide(request, || async {
            let (mut user, is_suspended) = self.with_suspension(pool, sub).await?;
            let before = user.clone();
            let (pool, sub) = (user.pool.clone(), user.sub.clone());
            let mut changes = user.sign_out(self.now());
            if !is_suspended {
                changes.push(Change::JoinGroup {
                    pool: pool.clone(),
                    sub: sub.clone(),
                    group: group.clone(),
                });
                changes.push(Change::PutSuspension(Suspension {
                    pool,
                    sub,
                    partner: partner.clone(),
                    administrator: administrator.clone(),
                    suspended_at: self.now(),
                }));
            }
            self.bind(request, By::Partner(by), &before, &mut changes).await?;
            Ok(Plan::accept((), changes))
        })
        .await
    }

    /// Lets a user in again whom an administrator of this partner suspended, as long as whoever lifts
    /// it manages the partner's users. Who is not suspended is left alone.
    pub(in crate::local) async fn lift_suspension(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        sub: &Sub,
        by: (&PartnerId, &Sub),
    ) -> Result<()> {
        let (partner, _) = by;
        let group = self.settings().partner_groups.suspended.clone();
        self.decide(request, || async {
            let (user, is_suspended) = self.with_suspension(pool, sub).await?;
            if !user.enabled {
                return Err(Refusal::SuspendedByOperator.into());
            }
            if !is_suspended {
                return Ok(Plan::accept((), Vec::new()));
            }
            let suspension = self.store().suspension(pool, sub).await?;
            if suspension.is_none_or(|suspension| suspension.partner != *partner) {
                return Err(Refusal::SuspendedByOperator.into());
            }
            let (pool, sub, partner) = (pool.clone(), sub.clone(), partner.clone());
            let lift = Change::LiftSuspension { pool, sub, partner };
            let before = user.clone();
            let (pool, sub, group) = (user.pool, user.sub, group.clone());
            let mut changes = vec![lift, Change::RemoveFromGroup { pool, sub, group }];
            self.bind(request, By::Partner(by), &before, &mut changes).await?;
            Ok(Plan::accept((), changes))
        })
        .await
    }

    async fn with_suspension(&self, pool: &PoolId, sub: &Sub) -> Result<(User, bool)> {
        let user = self.store().user(pool, sub).await?.ok_or(Refusal::UserNotFound)?;
        let groups = self.store().groups_of(pool, sub).await?;
        let suspended = &self.settings().partner_groups.suspended;
        let is_suspended = groups.iter().any(|group| group.name == *suspended);
        Ok((user, is_suspended))
    }
}

#[async_trait]
impl SuspensionRecords for Local {
    async fn suspended_by(&self, pool: &PoolId, sub: &Sub) -> Result<Option<PartnerId>> {
        let suspension = self.store().suspension(pool, sub).await?;
        Ok(suspension.map(|suspension| suspension.partner))
    }

    async fn keep_suspension(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        sub: &Sub,
        (partner, administrator): (&PartnerId, &Sub),
    ) -> Result<()> {
        let suspension = Suspension {
            pool: pool.clone(),
            sub: sub.clone(),
            partner: partner.clone(),
            administrator: administrator.clone(),
            suspended_at: self.now(),
        };
        self.commit(request, vec![Change::PutSuspension(suspension)]).await
    }

    async fn forget_suspension(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        sub: &Sub,
    ) -> Result<()> {
        let (pool, sub) = (pool.clone(), sub.clone());
        self.commit(request, vec![Change::ForgetSuspension { pool, sub }]).await
    }
}
