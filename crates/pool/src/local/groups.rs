use super::commit::{Plan, Rounds};
use super::{Local, names};
use crate::change::Change;
use crate::entity::Group;
use crate::error::{Refusal, Result};
use crate::ids::{GroupName, PoolId};

/// A group to be made.
#[derive(Clone, Debug)]
pub struct NewGroup {
    /// The pool.
    pub pool: PoolId,
    /// Its name.
    pub name: GroupName,
    /// Free text.
    pub description: Option<String>,
    /// An IAM role for `cognito:roles`.
    pub role_arn: Option<String>,
    /// Lower wins.
    pub precedence: Option<i64>,
}

impl Local {
    /// Makes a group.
    pub async fn create_group(&self, new: NewGroup) -> Result<Group> {
        self.pool(&new.pool).await?;
        let now = self.now();
        let NewGroup { pool, name, description, role_arn, precedence } = new;
        let group = Group {
            pool,
            name,
            description,
            role_arn,
            precedence,
            created_at: now,
            modified_at: now,
        };
        self.commit(vec![Change::CreateGroup(group.clone())]).await?;
        Ok(group)
    }

    /// Puts a user into a group; a second time changes nothing.
    pub async fn add_to_group(
        &self,
        pool: &PoolId,
        username: &str,
        name: &GroupName,
    ) -> Result<()> {
        let pool = self.pool(pool).await?;
        let mut rounds = Rounds::default();
        loop {
            let user = self.store().find_user(&pool.id, &names(&pool, username)).await?;
            let user = user.ok_or(Refusal::UserNotFound)?;
            let group = self.store().group(&pool.id, name).await?;
            let group = group.ok_or_else(|| Refusal::GroupNotFound(name.clone()))?.name;
            let (pool, sub, version) = (pool.id.clone(), user.sub, user.version);
            let exists = Change::ExpectUser { pool: pool.clone(), sub: sub.clone(), version };
            let changes = vec![exists, Change::AddToGroup { pool, sub, group }];
            if self.settle(Plan::accept((), changes), &mut rounds).await?.is_some() {
                return Ok(());
            }
        }
    }
}
