//! Who suspended whom. Amazon knows who is in the group, our own store who of a partner's put them
//! there. What is done at Amazon itself does not show here: a user whom a partner's administrator
//! suspended, and the operator after that at Amazon, is let in again by the former.

use crate::amazon::Amazon;
use poolkeeper_pool::error::{Error, Fault, Refusal, Result};
use poolkeeper_pool::ids::{GroupName, PartnerId, Sub};
use poolkeeper_pool::request::RequestContext;

impl Amazon {
    /// Suspends a user for a partner and ends the user's sign-ins. Who is suspended already stays so by
    /// whom it was done.
    pub(crate) async fn suspend_user(
        &self,
        request: &RequestContext,
        sub: &Sub,
        by: (&PartnerId, &Sub),
    ) -> Result<()> {
        if !self.is_suspended(sub).await? {
            let put = self.put_into_group(sub.as_str(), &self.settings.suspended_group).await;
            // An Amazon that does not answer may have done it.
            if !matches!(put, Ok(()) | Err(Error::Fault(Fault::Unavailable(_)))) {
                return put;
            }
            let kept =
                self.parts.suspensions.keep_suspension(request, &self.settings.pool, sub, by).await;
            put?;
            if let Err(error) = kept {
                // Without the record, no administrator of the partner's could lift it.
                self.take_out_of_group(sub.as_str(), &self.settings.suspended_group).await?;
                return Err(error);
            }
        }
        self.sign_out_everywhere(sub.as_str()).await
    }

    /// Lets a user in again whom an administrator of this partner suspended.
    pub(crate) async fn let_in_again(
        &self,
        request: &RequestContext,
        sub: &Sub,
        partner: &PartnerId,
    ) -> Result<()> {
        if !self.get_user(sub.as_str()).await?.enabled {
            return Err(Refusal::SuspendedByOperator.into());
        }
        if !self.is_suspended(sub).await? {
            return Ok(());
        }
        let (records, pool) = (&self.parts.suspensions, &self.settings.pool);
        if records.suspended_by(pool, sub).await?.as_ref() != Some(partner) {
            return Err(Refusal::SuspendedByOperator.into());
        }
        self.take_out_of_group(sub.as_str(), &self.settings.suspended_group).await?;
        records.forget_suspension(request, pool, sub).await
    }

    /// Makes a suspension, or its end, the operator's, if one of these groups is the one of suspended
    /// users.
    pub(crate) async fn take_over(
        &self,
        request: &RequestContext,
        changed: impl IntoIterator<Item = &GroupName>,
        username: &str,
    ) -> Result<()> {
        if !changed.into_iter().any(|group| *group == self.settings.suspended_group) {
            return Ok(());
        }
        let sub = self.get_user(username).await?.sub;
        self.parts.suspensions.forget_suspension(request, &self.settings.pool, &sub).await
    }

    async fn is_suspended(&self, sub: &Sub) -> Result<bool> {
        let groups = self.groups_of_user(sub.as_str()).await?;
        Ok(groups.iter().any(|group| group.name == self.settings.suspended_group))
    }
}
