//! Who may do what for a partner: the rules of the partner API, wherever the pool lives.
//!
//! Everything is looked up as of now, whatever the caller's token says, but for one thing: a token
//! opens no partner that it does not name. Nothing here trusts what a request says of a partner.

mod groups;

use crate::backend::administration::{Administration, UserDetails};
use crate::backend::entry_policy::EntryPolicy;
use crate::backend::self_service::{Registration, SelfService};
use crate::backend::user_pool::{Caller, Directory, Profile, UserPool, Via};
use crate::crypto::secret::Secret;
use crate::entity::{Attributes, Grant, Group, Partner, PartnerStatus};
use crate::error::{Refusal, Result};
use crate::ids::{ClientId, GroupName, PartnerId, PoolId, Sub};
use crate::request::RequestContext;
use async_trait::async_trait;
use std::collections::BTreeSet;

pub use groups::PartnerGroups;

/// What is kept here of who suspended users, for pools that live elsewhere: that place knows groups,
/// but not who put whom into them.
#[async_trait]
pub trait SuspensionRecords: Send + Sync {
    /// The partner whose administrator suspended a user; `None` if it was the operator.
    async fn suspended_by(&self, pool: &PoolId, sub: &Sub) -> Result<Option<PartnerId>>;

    /// Keeps that an administrator of this partner suspended a user.
    async fn keep_suspension(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        sub: &Sub,
        by: (&PartnerId, &Sub),
    ) -> Result<()>;

    /// Forgets it.
    async fn forget_suspension(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        sub: &Sub,
    ) -> Result<()>;
}

/// The pool with its partners.
pub struct Partners<'a> {
    /// Who asks.
    pub request: &'a RequestContext,
    /// Signs users in.
    pub users: &'a dyn UserPool,
    /// Registers them.
    pub self_service: &'a dyn SelfService,
    /// Administers them.
    pub administration: &'a dyn Administration,
    /// Has the partners and the permissions.
    pub directory: &'a dyn Directory,
    /// The pool.
    pub pool: &'a PoolId,
    /// The app client that users sign in through.
    pub client: &'a ClientId,
    /// The groups that mean something here.
    pub groups: &'a PartnerGroups,
    /// Who may call: those who may sign in.
    pub entry_policy: EntryPolicy,
}

/// Somebody at work for a partner: may be there, as of now.
#[derive(Clone, Debug)]
pub struct Member {
    /// Who.
    pub sub: Sub,
    /// For which partner.
    pub partner: Partner,
    /// Whether none was named, and there would have been others.
    pub is_arbitrary: bool,
    /// What this one may do there.
    powers: Powers,
}

/// What somebody may do for one partner.
#[derive(Clone, Debug)]
struct Powers {
    permissions: BTreeSet<String>,
    groups: BTreeSet<GroupName>,
    /// Those of the groups whose powers no permission tells: the operator's administrators, and groups
    /// that carry nothing here but may mean something elsewhere.
    unaccounted: BTreeSet<GroupName>,
}

/// A user of a partner's.
#[derive(Clone, Debug)]
pub struct PartnerUser {
    /// The user.
    pub user: UserDetails,
    /// Whether the user may sign in: enabled and not marked as suspended.
    pub enabled: bool,
    /// The access groups. What else the user belongs to is no business of the partner's.
    pub access_groups: Vec<GroupName>,
}

/// A page of a partner's users, by number.
#[derive(Clone, Debug)]
pub struct PartnerUsers {
    /// Users on all pages.
    pub total: u64,
    /// Those of this page.
    pub users: Vec<PartnerUser>,
}

/// A user to be made.
#[derive(Clone, Debug)]
pub struct NewPartnerUser {
    /// The address, which the user signs in by and proves by a code.
    pub email: String,
    /// The password.
    pub password: Secret,
    /// `given_name`, if it is known.
    pub first_name: Option<String>,
    /// `family_name`, if it is known.
    pub last_name: Option<String>,
    /// The access groups.
    pub groups: Vec<GroupName>,
}

impl Partners<'_> {
    /// Lets a caller in to the partner that is asked for: one that the token names and that the user
    /// still belongs to. Without one named, it is the first such partner in the token's order that
    /// has a record and is not suspended.
    ///
    /// # Errors
    ///
    /// Those of [`Self::profile`]. [`Refusal::PartnerForbidden`] if the token does not name the
    /// partner, or the user has left it, [`Refusal::PartnerNotFound`],
    /// [`Refusal::PartnerSuspended`]. Faults of the store.
    pub async fn enter(
        &self,
        caller: &Caller,
        known: Option<Profile>,
        wanted: Option<&PartnerId>,
    ) -> Result<Member> {
        let Profile { groups, partners, .. } = self.profile(caller, known).await?;
        let open = caller.groups.iter().filter(|group| groups.contains(group));
        let open = open.filter_map(PartnerId::of_group);
        let open: Vec<_> = open.filter(|id| wanted.is_none_or(|wanted| id == wanted)).collect();
        let is_arbitrary = open.len() > 1;
        let partner = self.first_active(&open, partners.as_deref()).await?;
        let powers = self.powers(groups, &partner.id).await?;
        Ok(Member { sub: caller.sub.clone(), partner, is_arbitrary, powers })
    }

    /// The first of these partners that has a record and is not suspended. Those on record may be
    /// known.
    async fn first_active(&self, ids: &[PartnerId], known: Option<&[Partner]>) -> Result<Partner> {
        let mut refusal = Refusal::PartnerForbidden;
        for id in ids {
            let found = match known {
                Some(partners) => partners.iter().find(|partner| partner.id == *id).cloned(),
                None => self.directory.partner(self.pool, id).await?,
            };
            match found {
                Some(partner) if partner.status != PartnerStatus::Suspended => return Ok(partner),
                // A suspension can end, and is told wherever the pool lives.
                Some(_) => refusal = Refusal::PartnerSuspended,
                None if refusal == Refusal::PartnerForbidden => refusal = Refusal::PartnerNotFound,
                None => {}
            }
        }
        Err(refusal.into())
    }

    /// The caller as of now, as known since the token was checked or else looked up. Who is barred,
    /// by the token or since, is refused.
    ///
    /// # Errors
    ///
    /// [`Refusal::Barred`], [`Refusal::External`]. If the user is looked up,
    /// [`Refusal::UserNotFound`], [`Refusal::PoolNotFound`], [`Refusal::ClientNotFound`] or
    /// [`Refusal::Busy`], and faults of the pool.
    pub async fn profile(&self, caller: &Caller, known: Option<Profile>) -> Result<Profile> {
        let profile = match known {
            Some(profile) => profile,
            None => self.users.profile(self.request, self.client, caller).await?,
        };
        let is_in = |group: Option<&GroupName>| {
            let in_either = |group| caller.groups.contains(group) || profile.groups.contains(group);
            group.is_some_and(in_either)
        };
        if is_in(self.entry_policy.barred_group.as_ref()) {
            return Err(Refusal::Barred.into());
        }
        if is_in(self.entry_policy.excluded_group.as_ref()) {
            return Err(Refusal::External.into());
        }
        Ok(profile)
    }

    async fn powers(&self, groups: Vec<GroupName>, partner: &PartnerId) -> Result<Powers> {
        let grants = self.directory.grants(self.pool, &groups).await?;
        let carries = |group: &GroupName| grants.iter().any(|grant| grant.group == *group);
        let is_unaccounted = |group: &&GroupName| {
            self.groups.administrators.contains(group)
                || !(carries(group) || self.groups.is_of_this_api(group))
        };
        let unaccounted = groups.iter().filter(is_unaccounted).cloned().collect();
        let permissions = self.groups.permissions(&groups, &grants, partner);
        Ok(Powers { permissions, unaccounted, groups: groups.into_iter().collect() })
    }

    /// A page of the partner's users; pages are counted from one.
    ///
    /// # Errors
    ///
    /// [`Refusal::PermissionDenied`] if the member does not manage users,
    /// [`Refusal::GroupNotFound`] if the partner has no group, [`Refusal::PoolNotFound`],
    /// [`Refusal::Busy`]. Faults of the pool.
    pub async fn list(&self, member: &Member, page: u64, limit: u64) -> Result<PartnerUsers> {
        member.check_manages_users()?;
        let group = member.partner.id.group();
        let offset = page.saturating_sub(1).saturating_mul(limit);
        let found = self
            .administration
            .users_in_group_at(self.request, self.pool, &group, offset, limit)
            .await?;
        let (administration, users) = (&self.administration, &found.entries);
        let mut groups = administration.groups_of_each(self.request, self.pool, users).await?;
        // Users deleted in the meantime are left out.
        let users = found.entries.into_iter().filter_map(|user| {
            let groups = groups.remove(&user.sub)?;
            Some(self.partner_user(user, &names(groups)))
        });
        Ok(PartnerUsers { total: found.total, users: users.collect() })
    }

    /// Makes an unconfirmed user of the partner's and has a code sent to the address.
    ///
    /// # Errors
    ///
    /// [`Refusal::PermissionDenied`] if the member does not manage users or may not give one of the
    /// groups. [`Refusal::UsernameExists`] or [`Refusal::AliasExists`] if the address is taken,
    /// [`Refusal::Invalid`] with a `UsernameFlaw` or an `AttributeFlaw`,
    /// [`Refusal::PasswordPolicy`], [`Refusal::AttributeNotWritable`], [`Refusal::GroupNotFound`],
    /// [`Refusal::ClientNotFound`], [`Refusal::PoolNotFound`], [`Refusal::Busy`]. Amazon also has
    /// [`Refusal::SignUpNotPermitted`], [`Refusal::AttributeMissing`] and
    /// [`Refusal::LimitExceeded`], and says in its own words what is [`Refusal::Invalid`]. Faults
    /// of the pool.
    pub async fn create(&self, member: &Member, new: NewPartnerUser) -> Result<()> {
        member.check_manages_users()?;
        self.check_gives(member, &new.groups).await?;
        let named = [("given_name", new.first_name), ("family_name", new.last_name)];
        let named = named.iter().filter_map(|(name, value)| Some((*name, value.as_deref()?)));
        let attributes: Attributes =
            [("email", new.email.as_str())].into_iter().chain(named).collect();
        let registration = Registration {
            via: Via::trusted(self.client),
            username: new.email.clone(),
            password: Some(new.password),
            attributes,
            groups: [member.partner.id.group()].into_iter().chain(new.groups).collect(),
            by_administrator: true,
        };
        self.self_service.register(self.request, registration).await?;
        Ok(())
    }

    /// Suspends a user of the partner's alone and ends the user's sign-ins.
    ///
    /// # Errors
    ///
    /// [`Refusal::UserNotFound`] if the partner has no such user, [`Refusal::PermissionDenied`] if
    /// the member may not act on the user, [`Refusal::Barred`] if the member was suspended
    /// meanwhile, [`Refusal::GroupNotFound`] if there is no group of suspended users,
    /// [`Refusal::PoolNotFound`], [`Refusal::Busy`]. Faults of the pool.
    pub async fn disable(&self, member: &Member, name: &str) -> Result<()> {
        let (target, _) = self.subordinate(member, name).await?;
        let by = (&member.partner.id, &member.sub);
        self.administration.suspend(self.request, self.pool, &target.sub, by).await
    }

    /// Lets a user of the partner's alone in again whom one of its administrators suspended.
    ///
    /// # Errors
    ///
    /// [`Refusal::UserNotFound`] if the partner has no such user, [`Refusal::PermissionDenied`] if
    /// the member may not act on the user, [`Refusal::SuspendedByOperator`] if anybody else
    /// suspended or disabled the user, [`Refusal::PoolNotFound`], [`Refusal::Busy`]. Faults of the
    /// pool.
    pub async fn enable(&self, member: &Member, name: &str) -> Result<()> {
        let (target, _) = self.subordinate(member, name).await?;
        let by = (&member.partner.id, &member.sub);
        self.administration.lift_suspension(self.request, self.pool, &target.sub, by).await
    }

    /// Gives a user of the partner's alone these access groups in place of those before.
    ///
    /// # Errors
    ///
    /// [`Refusal::UserNotFound`] if the partner has no such user, [`Refusal::PermissionDenied`] if
    /// the member may not act on the user or give one of the groups, [`Refusal::Barred`] if the
    /// member was suspended meanwhile, [`Refusal::GroupNotFound`], [`Refusal::PoolNotFound`],
    /// [`Refusal::Busy`]. Faults of the pool.
    pub async fn set_groups(
        &self,
        member: &Member,
        name: &str,
        groups: &[GroupName],
    ) -> Result<()> {
        let (target, before) = self.subordinate(member, name).await?;
        let is_new = |group: &&GroupName| !before.contains(group);
        let added: Vec<_> = groups.iter().filter(is_new).cloned().collect();
        self.check_gives(member, &added).await?;
        let is_gone =
            |group: &&GroupName| self.groups.is_access_group(group) && !groups.contains(group);
        let removed: Vec<_> = before.iter().filter(is_gone).cloned().collect();
        let sub = target.sub.as_str();
        let by = Some((&member.partner.id, &member.sub));
        self.administration.change_groups(self.request, self.pool, sub, &added, &removed, by).await
    }

    /// A user whom this member may act on, and the user's groups. Users of other partners are as
    /// unknown as those that do not exist; users whom another partner has too, and those above the
    /// member, are not the member's to change.
    async fn subordinate(
        &self,
        member: &Member,
        name: &str,
    ) -> Result<(UserDetails, BTreeSet<GroupName>)> {
        member.check_manages_users()?;
        let user = self.administration.user(self.request, self.pool, name).await?;
        let users = std::slice::from_ref(&user);
        let mut groups = self.administration.groups_of_each(self.request, self.pool, users).await?;
        let groups = names(groups.remove(&user.sub).ok_or(Refusal::UserNotFound)?);
        let own = &member.partner.id;
        if !groups.contains(&own.group()) {
            return Err(Refusal::UserNotFound.into());
        }
        let mut others = groups.iter().filter_map(PartnerId::of_group);
        let is_shared = others.any(|partner| partner != *own);
        let powers = self.powers(groups, own).await?;
        let is_self = user.sub == member.sub;
        if is_self || is_shared || !member.powers.include(&powers) {
            return Err(Refusal::PermissionDenied.into());
        }
        Ok((user, powers.groups))
    }

    /// Nobody gives a group other than access groups, nor one that carries anything they lack. A
    /// group that carries nothing here may still mean something elsewhere: only its members give it.
    async fn check_gives(&self, member: &Member, groups: &[GroupName]) -> Result<()> {
        let grants = self.directory.grants(self.pool, groups).await?;
        for group in groups {
            if !self.groups.is_access_group(group) {
                return Err(Refusal::PermissionDenied.into());
            }
            let mut carried = grants.iter().filter(|grant| grant.group == *group).peekable();
            let known = carried.peek().is_some() || member.powers.groups.contains(group);
            let partner = &member.partner.id;
            let has = |grant: &Grant| {
                grant.counts_for(partner) && member.powers.permissions.contains(&grant.permission)
            };
            if !(known && carried.all(has)) {
                return Err(Refusal::PermissionDenied.into());
            }
        }
        Ok(())
    }

    fn partner_user(&self, user: UserDetails, groups: &[GroupName]) -> PartnerUser {
        let suspended = groups.contains(&self.groups.suspended);
        let is_access_group = |group: &&GroupName| self.groups.is_access_group(group);
        let mut access_groups: Vec<_> = groups.iter().filter(is_access_group).cloned().collect();
        access_groups.sort();
        PartnerUser { enabled: user.enabled && !suspended, user, access_groups }
    }
}

fn names(groups: Vec<Group>) -> Vec<GroupName> {
    groups.into_iter().map(|group| group.name).collect()
}

impl Member {
    /// The permissions for this partner, sorted.
    pub fn permissions(&self) -> &BTreeSet<String> {
        &self.powers.permissions
    }

    /// Refuses all but those who manage the partner's users.
    ///
    /// # Errors
    ///
    /// [`Refusal::PermissionDenied`].
    pub fn check_manages_users(&self) -> Result<(), Refusal> {
        let may = self.powers.permissions.contains(Grant::MANAGE_USERS);
        if may { Ok(()) } else { Err(Refusal::PermissionDenied) }
    }
}

impl Powers {
    /// Whether these are all that those are.
    fn include(&self, other: &Self) -> bool {
        other.permissions.is_subset(&self.permissions) && other.unaccounted.is_subset(&self.groups)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACME: &str = "partner-id-acme";

    fn named(names: &[&str]) -> Vec<GroupName> {
        names.iter().map(|name| GroupName::from(*name)).collect()
    }

    fn powers(permissions: &[&str], groups: &[&str], unaccounted: &[&str]) -> Powers {
        Powers {
            permissions: permissions.iter().copied().map(str::to_owned).collect(),
            groups: named(groups).into_iter().collect(),
            unaccounted: named(unaccounted).into_iter().collect(),
        }
    }

    #[test]
    fn who_acts_on_a_user_has_all_that_the_user_has() {
        let own = powers(&["event.read", "user.manage"], &[ACME, "staff", "vip"], &["staff"]);
        for (case, other, expected) in [
            ("nothing", powers(&[], &[], &[]), true),
            ("less", powers(&["event.read"], &[ACME], &[]), true),
            ("the same", own.clone(), true),
            ("a permission more", powers(&["event.delete"], &[], &[]), false),
            // What such a group means elsewhere is unknown here: its members alone act on others.
            ("in the same group", powers(&[], &["vip"], &["vip"]), true),
            ("in another group", powers(&[], &["root"], &["root"]), false),
            ("in one that carries nothing more", powers(&[], &["access-group-9"], &[]), true),
        ] {
            assert_eq!(own.include(&other), expected, "{case}");
        }
    }
}
