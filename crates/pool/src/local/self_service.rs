use super::Local;
use super::commit::{Plan, Rounds};
use crate::change::Change;
use crate::entity::User;
use crate::error::{Refusal, Result};
use crate::secret::Secret;

impl Local {
    /// Ends all sign-ins of the user an access token belongs to (`GlobalSignOut`).
    pub async fn global_sign_out(&self, access_token: &Secret) -> Result<()> {
        let caller = self.authorize(access_token).await?.caller;
        let mut rounds = Rounds::default();
        loop {
            let user = self.store().user(&caller.pool, &caller.sub).await?;
            let mut user = user.ok_or(Refusal::UserNotFound)?;
            let changes = user.sign_out(self.now());
            if self.settle(Plan::accept((), changes), &mut rounds).await?.is_some() {
                return Ok(());
            }
        }
    }

    /// Removes the user an access token belongs to (`DeleteUser`).
    pub async fn delete_self(&self, access_token: &Secret) -> Result<()> {
        let caller = self.authorize(access_token).await?.caller;
        let mut rounds = Rounds::default();
        loop {
            let user = self.store().user(&caller.pool, &caller.sub).await?;
            let User { pool, sub, version, .. } = user.ok_or(Refusal::UserNotFound)?;
            let changes = vec![Change::DeleteUser { pool, sub, version }];
            if self.settle(Plan::accept((), changes), &mut rounds).await?.is_some() {
                return Ok(());
            }
        }
    }
}
