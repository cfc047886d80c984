use super::commit::{Plan, Rounds};
use super::{Local, names};
use crate::administrators::{ADMINISTRATORS, Administrators, can_act, is_theirs};
use crate::change::Change;
use crate::entity::{User, UserPoolRecord};
use crate::error::{Refusal, Result};
use crate::ids::{GroupName, PoolId, Sub};

/// How many members of the administrators' group are looked at at a time.
const PAGE: usize = 60;

impl Local {
    /// As [`Local::administer`], but refuses to leave the pool without an administrator: for
    /// administrators, who could not undo it. The operator can.
    pub(super) async fn administer_keeping(
        &self,
        pool: &PoolId,
        username: &str,
        decide: impl Fn(&UserPoolRecord, User) -> Result<Vec<Change>, Refusal>,
    ) -> Result<()> {
        let pool = self.pool(pool).await?;
        let mut rounds = Rounds::default();
        loop {
            let user = self.store().find_user(&pool.id, &names(&pool, username)).await?;
            let user = user.ok_or(Refusal::UserNotFound)?;
            let mut changes = decide(&pool, user.clone())?;
            self.keep_administered(&user, &mut changes).await?;
            if self.settle(Plan::accept((), changes), &mut rounds).await?.is_some() {
                return Ok(());
            }
        }
    }

    /// Refuses changes to a user after which nobody would administer the pool. Otherwise they are
    /// bound to what was found: of two administrators who remove each other at once, one stays.
    pub(super) async fn keep_administered(
        &self,
        user: &User,
        changes: &mut Vec<Change>,
    ) -> Result<()> {
        let all = &self.settings().administrators;
        let Some(administrators) = all.iter().find(|all| all.pool == user.pool) else {
            return Ok(());
        };
        let after = After::of(user, changes);
        if !after.may_matter(user, administrators) {
            return Ok(());
        }
        let groups = self.store().groups_of(&user.pool, &user.sub).await?;
        let groups: Vec<_> = groups.into_iter().map(|group| group.name).collect();
        let acts = can_act(user.enabled, user.status);
        let was_one = acts && administrators.include(&groups, user.owned_email());
        if !was_one || after.is_one_of(administrators, &groups) {
            return Ok(());
        }
        let other = self.other_administrator(administrators, &user.sub).await?;
        let other = other.ok_or(Refusal::LastAdministrator)?;
        if after.only_leaves() {
            // A membership has no version, the user has: whoever counts on this user finds out.
            changes.push(Change::UpdateUser(Box::new(user.clone())));
        }
        changes.insert(0, other.unchanged());
        Ok(())
    }

    async fn other_administrator(
        &self,
        administrators: &Administrators,
        than: &Sub,
    ) -> Result<Option<User>> {
        let counts = |user: &User| user.sub != *than && can_act(user.enabled, user.status);
        let Administrators { pool, addresses } = administrators;
        let group = GroupName::from(ADMINISTRATORS);
        let mut after = None;
        loop {
            let page = self.store().users_in_group(pool, &group, after.as_ref(), PAGE).await?;
            if let Some(other) = page.users.into_iter().find(counts) {
                return Ok(Some(other));
            }
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        let record = self.pool(pool).await?;
        for address in addresses {
            let user = self.store().find_user(pool, &names(&record, address)).await?;
            let listed = |user: &User| counts(user) && administrators.lists(user.owned_email());
            if let Some(other) = user.filter(listed) {
                return Ok(Some(other));
            }
        }
        Ok(None)
    }
}

/// What changes make of a user.
struct After<'a> {
    /// `None` if the user is gone.
    user: Option<&'a User>,
    is_updated: bool,
    leaves: bool,
}

impl<'a> After<'a> {
    fn of(before: &'a User, changes: &'a [Change]) -> Self {
        let mut after = Self { user: Some(before), is_updated: false, leaves: false };
        for change in changes {
            match change {
                Change::UpdateUser(user) if user.sub == before.sub => {
                    (after.user, after.is_updated) = (Some(&**user), true);
                }
                Change::DeleteUser { sub, .. } if *sub == before.sub => after.user = None,
                Change::RemoveFromGroup { sub, group, .. } if *sub == before.sub => {
                    after.leaves |= is_theirs(group);
                }
                _ => {}
            }
        }
        after
    }

    /// Whether any of this could make an administrator none, whatever the groups.
    fn may_matter(&self, before: &User, administrators: &Administrators) -> bool {
        let Some(user) = self.user else { return true };
        let acted = can_act(before.enabled, before.status);
        let shut_out = acted && !can_act(user.enabled, user.status);
        let was_listed = administrators.lists(before.owned_email());
        self.leaves || shut_out || was_listed && !administrators.lists(user.owned_email())
    }

    fn is_one_of(&self, administrators: &Administrators, groups: &[GroupName]) -> bool {
        let kept = groups.iter().filter(|group| !(self.leaves && is_theirs(group)));
        self.user.is_some_and(|user| {
            can_act(user.enabled, user.status) && administrators.include(kept, user.owned_email())
        })
    }

    fn only_leaves(&self) -> bool {
        self.user.is_some() && !self.is_updated
    }
}
