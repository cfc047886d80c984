//! Who a user is, and whether a face lets the user in.

use crate::amazon::Amazon;
use crate::connection::call::Repeat;
use crate::connection::failure::Asked;
use crate::convert;
use poolkeeper_pool::backend::administration::UserDetails;
use poolkeeper_pool::backend::entry_policy::{AdmissionFacts, EntryPolicy, Machine};
use poolkeeper_pool::backend::user_pool::Profile;
use poolkeeper_pool::entity::{Group, Partner};
use poolkeeper_pool::error::{Refusal, Result};
use poolkeeper_pool::ids::{GroupName, PartnerId};
use poolkeeper_pool::request::RequestContext;

/// A user with groups, as of now.
#[derive(Clone, Debug)]
pub(crate) struct LoadedUser {
    pub(crate) user: UserDetails,
    pub(crate) groups: Vec<GroupName>,
}

impl LoadedUser {
    pub(crate) fn profile(self) -> Profile {
        let Self { user, groups } = self;
        let UserDetails { sub, username, attributes, mfa, .. } = user;
        // Amazon does not tell who chose the password.
        let owns_email = attributes.flag("email_verified");
        Profile { sub, username, attributes, groups, mfa, owns_email }
    }
}

impl Amazon {
    /// The user behind a name that was proven, or is an administrator's to ask for.
    pub(crate) async fn known(
        &self,
        request: &RequestContext,
        username: &str,
    ) -> Result<LoadedUser> {
        let (user, groups) = tokio::join!(self.get_user(username), self.groups_of_user(username));
        let mut user = user?;
        request.note_user(&user.sub);
        let groups: Vec<_> = groups?.into_iter().map(|group| group.name).collect();
        // Programs have no second factor to give.
        user.mfa.required &= !groups.contains(&self.settings.service_group);
        Ok(LoadedUser { user, groups })
    }

    /// Lets in whom the face is for.
    pub(crate) async fn admit(&self, known: &LoadedUser, entry_policy: &EntryPolicy) -> Result<()> {
        let (pool, sub) = (&self.settings.pool, &known.user.sub);
        let machine = self.parts.tenants.tenant_of_machine(pool, sub).await?;
        let machine = machine.map_or(Machine::No, Machine::Of);
        let mut entry_policy = entry_policy.clone();
        if self.settings.has_partners {
            entry_policy = entry_policy.barring(&self.settings.suspended_group);
        }
        let facts = AdmissionFacts {
            enabled: known.user.enabled,
            groups: &known.groups,
            lacks_active_partner: entry_policy.needs_active_partner
                && self.lacks_active_partner(&known.groups).await?,
            machine: &machine,
        };
        Ok(entry_policy.check(facts).map_err(|refusal| concealed(refusal, &entry_policy))?)
    }

    async fn lacks_active_partner(&self, groups: &[GroupName]) -> Result<bool> {
        let mut partners = Vec::new();
        for id in groups.iter().filter_map(PartnerId::of_group) {
            partners.extend(self.parts.directory.partner(&self.settings.pool, &id).await?);
        }
        Ok(Partner::all_suspended(&partners))
    }

    /// All groups of a user, in the order of tokens.
    pub(crate) async fn groups_of_user(&self, username: &str) -> Result<Vec<Group>> {
        let call = self.sdk.admin_list_groups_for_user();
        let call = call.user_pool_id(self.settings.pool.as_str()).username(username);
        let (mut groups, mut next) = (Vec::new(), None);
        loop {
            let page = call.clone().set_next_token(next);
            let page =
                self.call(Repeat::Safely, Asked::Administration, || page.clone().send()).await?;
            for group in page.groups.unwrap_or_default() {
                groups.push(convert::group(&self.settings.pool, group)?);
            }
            next = page.next_token;
            if next.is_none() {
                break;
            }
        }
        convert::in_token_order(&mut groups);
        Ok(groups)
    }
}

/// A refusal as a face tells it that keeps silent about some.
pub(crate) fn concealed(refusal: Refusal, entry_policy: &EntryPolicy) -> Refusal {
    if entry_policy.conceals(&refusal) { Refusal::BadCredentials } else { refusal }
}
