//! That somebody always administers the pool through the portal API. Amazon has no transactions: of
//! two administrators who remove each other at the same moment, neither may be left.

use crate::amazon::Amazon;
use crate::connection::call::none_if_refused;
use poolkeeper_pool::backend::administration::{Page, UserDetails};
use poolkeeper_pool::backend::administrators::{
    ADMINISTRATORS, Administrators, can_act, is_theirs,
};
use poolkeeper_pool::entity::Attributes;
use poolkeeper_pool::error::{Error, Refusal, Result};
use poolkeeper_pool::ids::{GroupName, Sub};

/// What is about to happen to a user.
pub(crate) enum Loss<'a> {
    /// The user is removed or shut out.
    User,
    /// The user leaves a group.
    Group(&'a GroupName),
    /// Attributes of the user are set.
    Attributes(&'a [(String, String)]),
}

impl Amazon {
    /// Refuses what would leave nobody to administer the pool.
    pub(crate) async fn keep_administered(&self, username: &str, loss: Loss<'_>) -> Result<()> {
        let Some(administrators) = &self.settings.administrators else { return Ok(()) };
        if loss.is_harmless() {
            return Ok(());
        }
        let user = self.get_user(username).await?;
        let groups = self.groups_of_user(username).await?;
        let groups: Vec<_> = groups.into_iter().map(|group| group.name).collect();
        let was_one = can_act(user.enabled, user.status)
            && administrators.include(&groups, proven(&user.attributes));
        if !was_one || loss.leaves_one(administrators, &groups, &user.attributes) {
            return Ok(());
        }
        if self.other_administrator(administrators, &user.sub).await? {
            return Ok(());
        }
        Err(Refusal::LastAdministrator.into())
    }

    async fn other_administrator(
        &self,
        administrators: &Administrators,
        than: &Sub,
    ) -> Result<bool> {
        let group = GroupName::from(ADMINISTRATORS);
        let mut cursor = None::<String>;
        loop {
            let page = Page { cursor: cursor.as_deref(), limit: 60 };
            let listed = match self.members(&group, page).await {
                Err(Error::Refused(Refusal::GroupNotFound(_))) => break,
                listed => listed?,
            };
            for user in listed.entries.iter().filter(|user| user.sub != *than) {
                if self.can_administer(administrators, user).await? {
                    return Ok(true);
                }
            }
            cursor = listed.next;
            if cursor.is_none() {
                break;
            }
        }
        for address in &administrators.addresses {
            match self.get_user(address).await {
                Ok(user) => {
                    let is_one =
                        administrators.lists(proven(&user.attributes)) && user.sub != *than;
                    if is_one && self.can_administer(administrators, &user).await? {
                        return Ok(true);
                    }
                }
                Err(Error::Refused(Refusal::UserNotFound)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(false)
    }

    /// Whether an administrator can do anything there: a person who is not suspended, and of whom
    /// nothing is asked that the portal API does not ask for.
    async fn can_administer(
        &self,
        administrators: &Administrators,
        user: &UserDetails,
    ) -> Result<bool> {
        if !can_act(user.enabled, user.status) {
            return Ok(false);
        }
        let username = user.username.as_str();
        let groups = none_if_refused(self.groups_of_user(username).await, &Refusal::UserNotFound)?;
        let Some(groups) = groups else { return Ok(false) };
        let shut_out = [&self.settings.service_group, &self.settings.suspended_group];
        if groups.iter().any(|group| shut_out.contains(&&group.name)) {
            return Ok(false);
        }
        // A list does not show second factors.
        let user = none_if_refused(self.get_user(username).await, &Refusal::UserNotFound)?;
        Ok(user.is_some_and(|user| administrators.can_ask(user.mfa.required)))
    }
}

impl Loss<'_> {
    fn is_harmless(&self) -> bool {
        match self {
            Self::User => false,
            Self::Group(group) => !is_theirs(group),
            Self::Attributes(given) => !given.iter().any(|(name, _)| name.starts_with("email")),
        }
    }

    /// Whether the user is an administrator afterwards, too.
    fn leaves_one(
        &self,
        administrators: &Administrators,
        groups: &[GroupName],
        attributes: &Attributes,
    ) -> bool {
        match self {
            Self::User => false,
            Self::Group(_) => administrators.lists(proven(attributes)),
            Self::Attributes(given) => {
                let mut attributes = attributes.clone();
                if given.iter().any(|(name, _)| name == "email") {
                    attributes.set("email_verified", "");
                }
                for (name, value) in *given {
                    attributes.set(name, value);
                }
                administrators.include(groups, proven(&attributes))
            }
        }
    }
}

/// The verified address. Amazon does not tell who chose a password, so that this is all there is to
/// show an owner.
fn proven(attributes: &Attributes) -> Option<&str> {
    attributes.get("email").filter(|_| attributes.flag("email_verified"))
}
