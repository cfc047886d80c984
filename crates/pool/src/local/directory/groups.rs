use crate::backend::administration::{Listing, NewGroup};
use crate::backend::administrators::is_theirs;
use crate::change::Change;
use crate::entity::{Group, GroupRank, Kind, MAX_PRECEDENCE, User, UserPoolRecord, is_group_name};
use crate::error::{GroupFlaw, Refusal, Result};
use crate::ids::{GroupName, PoolId, Sub};
use crate::local::Local;
use crate::local::commit::Plan;
use crate::local::cursor::Listed;
use crate::local::directory::administrators::By;
use crate::ports::UserCursor;
use crate::request::RequestContext;

/// What shall be otherwise about a group; what is not given stays.
#[derive(Clone, Debug, Default)]
pub struct GroupEdit {
    /// Free text.
    pub description: Option<String>,
    /// An IAM role for `cognito:roles`.
    pub role_arn: Option<String>,
    /// Lower wins.
    pub precedence: Option<i64>,
}

impl Local {
    /// Makes a group.
    ///
    /// # Errors
    ///
    /// [`Refusal::PoolNotFound`]; [`Refusal::Invalid`] ([`GroupFlaw`]); [`Refusal::GroupExists`];
    /// faults on our side.
    pub async fn create_group(&self, request: &RequestContext, new: NewGroup) -> Result<Group> {
        self.pool(request, &new.pool).await?;
        check_new(&new)?;
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
        self.commit(request, vec![Change::CreateGroup(group.clone())]).await?;
        Ok(group)
    }

    /// A group (`GetGroup`).
    ///
    /// # Errors
    ///
    /// [`Refusal::PoolNotFound`], [`Refusal::GroupNotFound`]; faults on our side.
    pub async fn group(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        name: &GroupName,
    ) -> Result<Group> {
        self.group_in(&self.pool(request, pool).await?, name).await
    }

    /// The same in a pool that was loaded already.
    pub(in crate::local) async fn group_in(
        &self,
        pool: &UserPoolRecord,
        name: &GroupName,
    ) -> Result<Group> {
        let group = self.store().group(&pool.id, name).await?;
        Ok(group.ok_or_else(|| Refusal::GroupNotFound(name.clone()))?)
    }

    /// Changes a group (`UpdateGroup`).
    ///
    /// # Errors
    ///
    /// [`Refusal::PoolNotFound`], [`Refusal::GroupNotFound`]; faults on our side.
    pub async fn update_group(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        name: &GroupName,
        edit: GroupEdit,
    ) -> Result<Group> {
        self.decide(request, || async {
            let before = self.group(request, pool, name).await?;
            let edit = edit.clone();
            let after = Group {
                description: edit.description.or_else(|| before.description.clone()),
                role_arn: edit.role_arn.or_else(|| before.role_arn.clone()),
                precedence: edit.precedence.or(before.precedence),
                modified_at: self.now(),
                ..before.clone()
            };
            let update = Change::UpdateGroup { before, after: after.clone() };
            Ok(Plan::accept(after, vec![update]))
        })
        .await
    }

    /// Removes a group; its users stay (`DeleteGroup`).
    ///
    /// # Errors
    ///
    /// [`Refusal::PoolNotFound`], [`Refusal::GroupNotFound`]; faults on our side.
    pub async fn delete_group(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        name: &GroupName,
    ) -> Result<()> {
        let pool = self.pool(request, pool).await?.id;
        self.commit(request, vec![Change::DeleteGroup { pool, name: name.clone() }]).await
    }

    /// A page of a pool's groups by name (`ListGroups`).
    ///
    /// # Errors
    ///
    /// [`Refusal::PoolNotFound`]; [`Refusal::Invalid`] (`Invalid::PaginationToken`);
    /// faults on our side.
    pub async fn list_groups(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<Listing<Group>> {
        let pool = self.pool(request, pool).await?.id;
        let listed = Listed { pool: &pool, what: "groups" };
        let after: Option<GroupName> = self.open_cursor(listed, cursor)?;
        let found = self.store().groups(&pool, after.as_ref(), limit.saturating_add(1)).await?;
        Ok(self.page(listed, found, limit, |group| group.name.clone()))
    }

    /// A page of a user's groups, in the order of tokens (`AdminListGroupsForUser`).
    ///
    /// # Errors
    ///
    /// [`Refusal::PoolNotFound`], [`Refusal::UserNotFound`]; [`Refusal::Invalid`]
    /// (`Invalid::PaginationToken`); faults on our side.
    pub async fn list_groups_of(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        username: &str,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<Listing<Group>> {
        let user = self.get_user(request, pool, username).await?;
        let what = format!("groups of {}", user.sub);
        let listed = Listed { pool: &user.pool, what: &what };
        // A user is in few groups: they are read whole.
        let mut found = self.store().groups_of(&user.pool, &user.sub).await?;
        let after: Option<GroupRank> = self.open_cursor(listed, cursor)?;
        found.retain(|group| after.as_ref().is_none_or(|after| group.rank() > *after));
        Ok(self.page(listed, found, limit, Group::rank))
    }

    /// A page of a group's users (`ListUsersInGroup`).
    ///
    /// # Errors
    ///
    /// [`Refusal::PoolNotFound`], [`Refusal::GroupNotFound`]; [`Refusal::Invalid`]
    /// (`Invalid::PaginationToken`); faults on our side.
    pub async fn list_users_in_group(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        name: &GroupName,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<Listing<User>> {
        self.list_members(&self.pool(request, pool).await?, name, cursor, limit).await
    }

    /// The same in a pool that was loaded already.
    pub(in crate::local) async fn list_members(
        &self,
        pool: &UserPoolRecord,
        name: &GroupName,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<Listing<User>> {
        let Group { pool, name, .. } = self.group_in(pool, name).await?;
        let what = format!("users in {name}");
        let listed = Listed { pool: &pool, what: &what };
        let after: Option<UserCursor> = self.open_cursor(listed, cursor)?;
        let page = self.store().users_in_group(&pool, &name, after.as_ref(), limit).await?;
        let next = page.next.map(|after| self.seal_cursor(listed, after));
        Ok(Listing { entries: page.users, next })
    }

    /// Puts a user into a group; a second time changes nothing.
    ///
    /// # Errors
    ///
    /// [`Refusal::PoolNotFound`], [`Refusal::UserNotFound`], [`Refusal::GroupNotFound`];
    /// [`Refusal::Invalid`] (`TenantFlaw`) if a machine would belong to a second tenant; faults on
    /// our side.
    pub async fn add_to_group(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        username: &str,
        name: &GroupName,
    ) -> Result<()> {
        let pool = self.pool(request, pool).await?;
        self.decide(request, || async {
            let (user, group) = self.user_and_group(request, &pool, username, name).await?;
            self.expect_one_tenant_with(&user, &group).await?;
            let theirs = self.takes_over(&pool.id, &user.sub, &group);
            let add = joining(&user, std::slice::from_ref(&group));
            let changes = [alone(&user)].into_iter().chain(add).chain(theirs);
            Ok(Plan::accept((), changes.collect()))
        })
        .await
    }

    /// Takes a user out of a group; a second time changes nothing.
    ///
    /// # Errors
    ///
    /// [`Refusal::PoolNotFound`], [`Refusal::UserNotFound`], [`Refusal::GroupNotFound`];
    /// faults on our side.
    pub async fn remove_from_group(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        username: &str,
        name: &GroupName,
    ) -> Result<()> {
        let pool = self.pool(request, pool).await?;
        self.decide(request, || async {
            let (user, group) = self.user_and_group(request, &pool, username, name).await?;
            let theirs = self.takes_over(&pool.id, &user.sub, &group);
            let remove = Change::RemoveFromGroup { pool: user.pool, sub: user.sub, group };
            Ok(Plan::accept((), [remove].into_iter().chain(theirs).collect()))
        })
        .await
    }

    /// As [`Local::delete_group`], for administrators: not the group that makes them such.
    pub(in crate::local) async fn delete_group_keeping(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        name: &GroupName,
    ) -> Result<()> {
        let all = &self.settings().administrators;
        if is_theirs(name) && all.iter().any(|administrators| administrators.pool == *pool) {
            return Err(Refusal::invalid(GroupFlaw::Administrators).into());
        }
        self.delete_group(request, pool, name).await
    }

    /// As [`Local::remove_from_group`], for administrators: not the last of them.
    pub(in crate::local) async fn remove_from_group_keeping(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        username: &str,
        name: &GroupName,
    ) -> Result<()> {
        if !is_theirs(name) {
            return self.remove_from_group(request, pool, username, name).await;
        }
        let pool = self.pool(request, pool).await?;
        self.get_user_in(request, &pool, username).await?;
        let group = self.group_in(&pool, name).await?.name;
        self.administer_in(request, &pool, username, By::Administrators, |pool, user| {
            let (pool, group) = (pool.id.clone(), group.clone());
            Ok(vec![Change::RemoveFromGroup { pool, sub: user.sub, group }])
        })
        .await
    }

    /// Puts a user into groups and takes the user out of others, in one commit.
    pub(in crate::local) async fn change_groups(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        username: &str,
        (added, removed): (&[GroupName], &[GroupName]),
        by: By<'_>,
    ) -> Result<()> {
        let pool = self.pool(request, pool).await?;
        self.expect_groups(&pool, added).await?;
        self.administer_in(request, &pool, username, by, |pool, user| {
            let member = || (pool.id.clone(), user.sub.clone());
            let add = joining(&user, added);
            let remove = removed.iter().map(|group| {
                let ((pool, sub), group) = (member(), group.clone());
                Change::RemoveFromGroup { pool, sub, group }
            });
            let changed = added.iter().chain(removed);
            let theirs = changed.filter_map(|group| self.takes_over(&pool.id, &user.sub, group));
            Ok([user.unchanged()].into_iter().chain(add).chain(remove).chain(theirs).collect())
        })
        .await
    }

    /// Refuses groups that do not exist before any work is done for them; the commit has the last
    /// word.
    pub(in crate::local) async fn expect_groups(
        &self,
        pool: &UserPoolRecord,
        names: &[GroupName],
    ) -> Result<()> {
        for name in names {
            self.group_in(pool, name).await?;
        }
        Ok(())
    }

    async fn user_and_group(
        &self,
        request: &RequestContext,
        pool: &UserPoolRecord,
        username: &str,
        name: &GroupName,
    ) -> Result<(User, GroupName)> {
        let user = self.get_user_in(request, pool, username).await?;
        Ok((user, self.group_in(pool, name).await?.name))
    }

    /// What makes a suspension, or its end, the operator's, whoever suspended the user before.
    fn takes_over(&self, pool: &PoolId, sub: &Sub, group: &GroupName) -> Option<Change> {
        let suspends = *group == self.settings().partner_groups.suspended;
        suspends.then(|| Change::ForgetSuspension { pool: pool.clone(), sub: sub.clone() })
    }
}

/// What a change of groups expects of its user. Of a machine, whose groups are held to one tenant,
/// a change made at the same time is a conflict: each alone may be right where both are not.
pub(in crate::local) fn alone(user: &User) -> Change {
    match user.kind {
        Kind::Person => user.unchanged(),
        Kind::Service => Change::UpdateUser(Box::new(user.clone())),
    }
}

/// What puts a user into groups.
pub(in crate::local) fn joining(user: &User, groups: &[GroupName]) -> impl Iterator<Item = Change> {
    groups.iter().map(|group| {
        let (pool, sub, group) = (user.pool.clone(), user.sub.clone(), group.clone());
        Change::AddToGroup { pool, sub, group }
    })
}

/// What Cognito has against a new group.
fn check_new(new: &NewGroup) -> Result<(), Refusal> {
    let precedence = new.precedence.unwrap_or_default();
    let flaw = if !is_group_name(new.name.as_str()) {
        GroupFlaw::Name
    } else if new.description.as_ref().is_some_and(|text| text.chars().count() > 2048) {
        GroupFlaw::Description
    } else if !(0..=MAX_PRECEDENCE).contains(&precedence) {
        GroupFlaw::Precedence
    } else {
        return Ok(());
    };
    Err(Refusal::invalid(flaw))
}
