//! Accounts of programs: a generated secret is their password, and there is nothing to confirm.

use crate::attributes;
use crate::backend::administration::NewServiceAccount;
use crate::change::Change;
use crate::crypto::secret::Secret;
use crate::entity::{Kind, User, UserPoolRecord, UserStatus};
use crate::error::Result;
use crate::ids::random_machine_secret;
use crate::local::Local;
use crate::local::directory::groups::joining;
use crate::request::RequestContext;

/// A service account that is yet to be committed.
pub(in crate::local) struct Draft {
    pub(in crate::local) user: User,
    pub(in crate::local) secret: Secret,
    pub(in crate::local) changes: Vec<Change>,
}

impl Local {
    /// Makes a service account, in its groups and with a secret that is told this once. It signs in
    /// with that and is never asked for a second factor, which a program could not give.
    ///
    /// # Errors
    ///
    /// `Refusal::PoolNotFound`, `Refusal::GroupNotFound`; `Refusal::Invalid` (`UsernameFlaw`,
    /// `AttributeFlaw`, `TenantFlaw`); `Refusal::UsernameExists`, `Refusal::AliasExists`, `Refusal::Busy`;
    /// faults on our side.
    pub async fn create_service_account(
        &self,
        request: &RequestContext,
        new: NewServiceAccount,
    ) -> Result<(User, Secret)> {
        let pool = self.pool(request, &new.pool).await?;
        self.expect_one_tenant(&new.pool, None, &new.groups).await?;
        let Draft { user, secret, changes } = self.draft_service_account(&pool, &new).await?;
        self.commit_new_user(request, &pool, changes).await?;
        Ok((user, secret))
    }

    pub(in crate::local) async fn draft_service_account(
        &self,
        pool: &UserPoolRecord,
        new: &NewServiceAccount,
    ) -> Result<Draft> {
        let mut user = self.blank_user(pool, Kind::Service, &new.username, &new.attributes)?;
        attributes::check(pool, &user.attributes)?;
        self.expect_no_sub(pool, &user).await?;
        self.expect_groups(pool, &new.groups).await?;
        user.status = UserStatus::Confirmed;
        let secret = random_machine_secret(self.rng());
        // As every password, by the same work: a sign-in does not show which of both it is.
        user.password = Some(self.seal_password(pool, &user, &secret).await?);
        let mut changes = Self::creation(pool, &user);
        changes.extend(joining(&user, &new.groups));
        Ok(Draft { user, secret, changes })
    }
}
