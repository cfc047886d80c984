use crate::backend::administrators::{ADMINISTRATORS, Administrators, can_act, is_theirs};
use crate::change::Change;
use crate::entity::{Grant, Kind, User, UserPoolRecord};
use crate::error::{Refusal, Result};
use crate::ids::{GroupName, PartnerId, PoolId, Sub};
use crate::local::Local;
use crate::local::names::names;
use crate::request::RequestContext;
use crate::sign_in::mfa_summary;

/// How many members of the administrators' group are looked at at a time.
const PAGE: usize = 60;

/// Who changes a user.
#[derive(Clone, Copy, Debug)]
pub(in crate::local) enum By<'a> {
    /// The operator, who may do anything.
    Operator,
    /// The administrators of the pool, who never leave it without one: they could not undo it.
    Administrators,
    /// Somebody who manages this partner's users.
    Partner((&'a PartnerId, &'a Sub)),
}

impl Local {
    /// Refuses changes to a user that whoever asks for them may not make, and binds them to what was
    /// found: what is otherwise when they are committed refuses them.
    pub(in crate::local) async fn bind(
        &self,
        request: &RequestContext,
        by: By<'_>,
        user: &User,
        changes: &mut Vec<Change>,
    ) -> Result<()> {
        match by {
            By::Operator => Ok(()),
            By::Administrators => self.keep_administered(request, user, changes).await,
            By::Partner(by) => {
                let administrator = self.partner_administrator(&user.pool, by).await?;
                bind_to(&administrator, user, changes);
                Ok(())
            }
        }
    }

    /// Who manages the users of a partner, as long as that is so. Of two who suspend each other at
    /// once one stays.
    async fn partner_administrator(
        &self,
        pool: &PoolId,
        (partner, sub): (&PartnerId, &Sub),
    ) -> Result<User> {
        let user = self.store().user(pool, sub).await?.ok_or(Refusal::PermissionDenied)?;
        let groups = self.store().groups_of(pool, sub).await?;
        let groups: Vec<_> = groups.into_iter().map(|group| group.name).collect();
        let names = &self.settings().partner_groups;
        if groups.contains(&names.suspended) {
            return Err(Refusal::Barred.into());
        }
        let grants = self.store().grants(pool, &groups).await?;
        let permissions = names.permissions(&groups, &grants, partner);
        let manages = permissions.contains(Grant::MANAGE_USERS);
        let is_there = can_act(user.enabled, user.status) && groups.contains(&partner.group());
        if manages && is_there { Ok(user) } else { Err(Refusal::PermissionDenied.into()) }
    }

    /// Refuses changes to a user after which nobody would administer the pool. Otherwise they are
    /// bound to what was found: of two administrators who remove each other at once, one stays.
    pub(in crate::local) async fn keep_administered(
        &self,
        request: &RequestContext,
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
        let other = self.other_administrator(request, administrators, &user.sub).await?;
        let other = other.ok_or(Refusal::LastAdministrator)?;
        bind_to(&other, user, changes);
        Ok(())
    }

    async fn other_administrator(
        &self,
        request: &RequestContext,
        administrators: &Administrators,
        than: &Sub,
    ) -> Result<Option<User>> {
        let Administrators { pool, addresses, .. } = administrators;
        let record = self.pool(request, pool).await?;
        let group = GroupName::from(ADMINISTRATORS);
        let mut after = None;
        loop {
            let page = self.store().users_in_group(pool, &group, after.as_ref(), PAGE).await?;
            for user in page.users {
                if user.sub != *than && self.can_administer(administrators, &record, &user).await? {
                    return Ok(Some(user));
                }
            }
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        for address in addresses {
            let user = self.store().find_user(pool, &names(&record, address)).await?;
            let is_other =
                |user: &User| user.sub != *than && administrators.lists(user.owned_email());
            if let Some(other) = user.filter(is_other)
                && self.can_administer(administrators, &record, &other).await?
            {
                return Ok(Some(other));
            }
        }
        Ok(None)
    }

    /// Whether an administrator can do anything there: a person who is not suspended, and of whom
    /// nothing is asked that the portal API does not ask for.
    async fn can_administer(
        &self,
        administrators: &Administrators,
        pool: &UserPoolRecord,
        user: &User,
    ) -> Result<bool> {
        let gets_in = administrators.can_ask(mfa_summary(pool, user).required);
        if user.kind != Kind::Person || !can_act(user.enabled, user.status) || !gets_in {
            return Ok(false);
        }
        let groups = self.store().groups_of(&user.pool, &user.sub).await?;
        let suspended = &self.settings().partner_groups.suspended;
        Ok(!groups.iter().any(|group| group.name == *suspended))
    }
}

/// Binds changes to a user to somebody else's being as found, and has whoever counts on this user
/// find out: a membership has no version, the user has. The one with the lower id goes first, so that
/// two who change each other wait in turn and not for each other.
fn bind_to(other: &User, user: &User, changes: &mut Vec<Change>) {
    let is_changed = |change: &Change| match change {
        Change::UpdateUser(changed) => changed.sub == user.sub,
        Change::DeleteUser { sub, .. } => *sub == user.sub,
        _ => false,
    };
    if !changes.iter().any(is_changed) {
        changes
            .retain(|change| !matches!(change, Change::ExpectUser { sub, .. } if *sub == user.sub));
        changes.insert(0, Change::UpdateUser(Box::new(user.clone())));
    }
    let at = if other.sub < user.sub { 0 } else { changes.len() };
    changes.insert(at, other.unchanged());
}

/// What changes make of a user.
struct After<'a> {
    /// `None` if the user is gone.
    user: Option<&'a User>,
    leaves: bool,
}

impl<'a> After<'a> {
    fn of(before: &'a User, changes: &'a [Change]) -> Self {
        let mut after = Self { user: Some(before), leaves: false };
        for change in changes {
            match change {
                Change::UpdateUser(user) if user.sub == before.sub => {
                    after.user = Some(&**user);
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
}
