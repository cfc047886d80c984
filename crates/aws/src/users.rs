//! Users as administrators see and change them.

use crate::amazon::Amazon;
use crate::connection::call::Repeat;
use crate::connection::trouble::{Purpose, is_exception};
use crate::convert::{self, missing};
use aws_sdk_cognitoidentityprovider::types::{DeliveryMediumType, MessageActionType, UserType};
use poolkeeper_pool::backend::administration::{Invitation, NewUser, UserDetails};
use poolkeeper_pool::backend::tenancy::check_one_tenant;
use poolkeeper_pool::backend::user_pool::MfaSummary;
use poolkeeper_pool::crypto::secret::Secret;
use poolkeeper_pool::entity::{Contact, FollowUpWork, Kind};
use poolkeeper_pool::error::{AccountFlaw, Error, Refusal, Result};
use poolkeeper_pool::ids::{GroupName, Sub, Username};
use poolkeeper_pool::request::RequestContext;

/// Makes a signed call about one user: `one!(self, repeat, operation, username, settings…)`.
macro_rules! one {
    ($self:ident, $repeat:ident, $operation:ident, $username:expr $(, $set:ident($value:expr))*) => {{
        let call = $self.sdk.$operation().user_pool_id($self.settings.pool.as_str());
        let call = call.username($username)$(.$set($value))*;
        let asked = $crate::connection::trouble::Purpose::Administration;
        $self.call($crate::connection::call::Repeat::$repeat, asked, || call.clone().send()).await
    }};
}

impl Amazon {
    pub(crate) async fn get_user(&self, username: &str) -> Result<UserDetails> {
        let user = one!(self, Safely, admin_get_user, username)?;
        let (sub, attributes) = convert::attributes(user.user_attributes());
        let (mode, preferred) = (self.settings.mfa, user.preferred_mfa_setting());
        Ok(UserDetails {
            sub: Sub::new(sub.ok_or_else(|| missing("a user's sub"))?),
            mfa: convert::mfa(mode, user.user_mfa_setting_list(), preferred),
            status: convert::status(user.user_status.as_ref()),
            enabled: user.enabled,
            attributes,
            created_at: convert::timestamp(user.user_create_date.as_ref()),
            modified_at: convert::timestamp(user.user_last_modified_date.as_ref()),
            username: Username::new(user.username),
        })
    }

    /// Makes a user, and then puts it into its groups, programs also into the one that marks them: Amazon
    /// makes no user in a group.
    pub(crate) async fn make_user(
        &self,
        request: &RequestContext,
        new: NewUser,
    ) -> Result<UserDetails> {
        let pool = self.pool(&new.pool)?;
        if new.kind == Kind::Service {
            let tenants = self.parts.tenants.tenants_of_groups(&new.pool, &new.groups).await?;
            check_one_tenant(None, &new.groups, &tenants)?;
        }
        let medium = |contact: &Contact| match contact {
            Contact::Email => DeliveryMediumType::Email,
            Contact::PhoneNumber => DeliveryMediumType::Sms,
        };
        let mediums: Vec<_> = self.mediums(&new).iter().map(medium).collect();
        let suppress =
            (new.invitation == Invitation::Suppress).then_some(MessageActionType::Suppress);
        let password = new.temporary_password.as_ref();
        let call = self.sdk.admin_create_user().user_pool_id(pool).username(&new.username);
        let call = call
            .set_user_attributes(Some(convert::attribute_types(new.attributes.iter())?))
            .set_temporary_password(password.map(|password| password.expose().to_owned()))
            .set_message_action(suppress)
            .set_desired_delivery_mediums((!mediums.is_empty()).then_some(mediums))
            .force_alias_creation(new.force_alias);
        let asked = Purpose::Creation;
        let user = match self.call(Repeat::Never, asked, || call.clone().send()).await {
            Ok(made) => listed_user(made.user.ok_or_else(|| missing("the new user"))?)?,
            // The user was made, and the invitation could not be sent.
            Err(error) if is_undelivered(&error) => self.untold(request, &new.username).await?,
            Err(error) => return Err(error),
        };
        let service = (new.kind == Kind::Service).then_some(&self.settings.service_group);
        let groups: Vec<_> = new.groups.into_iter().chain(service.cloned()).collect();
        self.put_new_user_into(request, &user.sub, &groups).await?;
        Ok(user)
    }

    /// A user whom Amazon has made, but could not send the message to. If nothing more can be learned,
    /// the user is removed again, and the caller is told of nobody.
    pub(crate) async fn untold(
        &self,
        request: &RequestContext,
        username: &str,
    ) -> Result<UserDetails> {
        let found = self.get_user(username).await;
        if found.as_ref().is_err_and(Error::may_pass) {
            self.follow_up(request, username, FollowUpWork::RemoveUser).await?;
        }
        found
    }

    /// Where a new user is told the password. Amazon itself would send a text message to everybody.
    fn mediums(&self, new: &NewUser) -> Vec<Contact> {
        let has = |contact: &Contact| {
            let is_username = *contact == Contact::Email
                && self.settings.address_usernames
                && new.username.contains('@');
            is_username || new.attributes.get(contact.attribute()).is_some()
        };
        if new.invitation == Invitation::Suppress || !new.mediums.is_empty() {
            return new.mediums.clone();
        }
        [Contact::Email, Contact::PhoneNumber].into_iter().filter(has).take(1).collect()
    }

    /// Puts a user who was just made into groups. A group that is missing is the operator's mistake:
    /// then the user is removed again. Whatever else fails is done later.
    pub(crate) async fn put_new_user_into(
        &self,
        request: &RequestContext,
        sub: &Sub,
        groups: &[GroupName],
    ) -> Result<()> {
        // Nobody else is ever called by it, however late this is done.
        let username = sub.as_str();
        let mut kept = Vec::new();
        for group in groups {
            let work = FollowUpWork::JoinGroup(group.clone());
            kept.push((self.keep(request, username, &work).await?, group, work));
        }
        for (id, group, work) in &kept {
            match self.put_into_group(username, group).await {
                Ok(()) => self.parts.follow_ups.forget_follow_up(request, id).await?,
                Err(error @ Error::Refused(Refusal::GroupNotFound(_))) => {
                    self.follow_up(request, username, FollowUpWork::RemoveUser).await?;
                    return Err(error);
                }
                Err(problem) => self.warn(&problem, work),
            }
        }
        Ok(())
    }

    pub(crate) async fn set_attributes(
        &self,
        username: &str,
        given: &[(String, String)],
    ) -> Result<()> {
        let given = given.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let given = Some(convert::attribute_types(given)?);
        one!(self, Safely, admin_update_user_attributes, username, set_user_attributes(given))?;
        Ok(())
    }

    /// Sets a password, and ends what was begun under the one before. Once sent, the password is not
    /// sent again: with a history, the second time would be refused.
    pub(crate) async fn put_password(
        &self,
        request: &RequestContext,
        username: &str,
        password: &Secret,
        permanent: bool,
    ) -> Result<()> {
        convert::check_password(password)?;
        let password = password.expose();
        one!(
            self,
            Never,
            admin_set_user_password,
            username,
            password(password),
            permanent(permanent)
        )?;
        self.follow_up(request, username, FollowUpWork::EndEverything).await
    }

    pub(crate) async fn reset(&self, request: &RequestContext, username: &str) -> Result<()> {
        one!(self, Never, admin_reset_user_password, username)?;
        self.follow_up(request, username, FollowUpWork::EndEverything).await
    }

    pub(crate) async fn enable(&self, username: &str) -> Result<()> {
        one!(self, Safely, admin_enable_user, username)?;
        Ok(())
    }

    pub(crate) async fn disable(&self, request: &RequestContext, username: &str) -> Result<()> {
        one!(self, Safely, admin_disable_user, username)?;
        self.follow_up(request, username, FollowUpWork::EndEverything).await
    }

    /// A second time finds nobody: so what has become of it once is told.
    pub(crate) async fn remove_user(&self, username: &str) -> Result<()> {
        one!(self, Never, admin_delete_user, username)?;
        Ok(())
    }

    /// Refuses a temporary password for a program: whoever replaced it would choose the program's
    /// secret, and could choose a weak one.
    pub(crate) async fn expect_person(&self, username: &str) -> Result<()> {
        let groups = self.groups_of_user(username).await?;
        if groups.iter().any(|group| group.name == self.settings.service_group) {
            return Err(Refusal::invalid(AccountFlaw::TemporaryForProgram).into());
        }
        Ok(())
    }

    pub(crate) async fn sign_out_everywhere(&self, username: &str) -> Result<()> {
        one!(self, Safely, admin_user_global_sign_out, username)?;
        Ok(())
    }
}

/// Whether Amazon has done what it was asked, but could not send the message.
pub(crate) fn is_undelivered(error: &Error) -> bool {
    is_exception(error, "CodeDeliveryFailureException")
}

/// A user of a listing, which says nothing of second factors.
pub(crate) fn listed_user(user: UserType) -> Result<UserDetails> {
    let (sub, attributes) = convert::attributes(user.attributes());
    Ok(UserDetails {
        sub: Sub::new(sub.ok_or_else(|| missing("a user's sub"))?),
        status: convert::status(user.user_status.as_ref()),
        enabled: user.enabled,
        attributes,
        mfa: MfaSummary::default(),
        created_at: convert::timestamp(user.user_create_date.as_ref()),
        modified_at: convert::timestamp(user.user_last_modified_date.as_ref()),
        username: Username::new(user.username.ok_or_else(|| missing("a username"))?),
    })
}
