//! Who a user is, and whether a face lets the user in.

use crate::amazon::Amazon;
use crate::connection::call::Repeat;
use crate::connection::trouble::Purpose;
use crate::convert::{self, missing};
use crate::sign_in::id_token;
use crate::sign_in::step::group_names;
use aws_sdk_cognitoidentityprovider::types::AuthenticationResultType;
use poolkeeper_pool::backend::administration::UserDetails;
use poolkeeper_pool::backend::entry_policy::{AdmissionFacts, EntryPolicy, Machine};
use poolkeeper_pool::backend::user_pool::{Caller, MfaSummary, Profile};
use poolkeeper_pool::crypto::secret::Secret;
use poolkeeper_pool::entity::{Attributes, Group, Partner, UserStatus};
use poolkeeper_pool::error::{Refusal, Result};
use poolkeeper_pool::ids::{GroupName, PartnerId, Sub, Username};
use poolkeeper_pool::request::RequestContext;
use poolkeeper_pool::time::Timestamp;
use poolkeeper_pool::token::ForeignClaims;

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
        Profile { sub, username, attributes, groups, partners: None, mfa, owns_email }
    }
}

impl Amazon {
    /// The user of tokens that Amazon has just issued, with the groups that they name. If Amazon
    /// does not say more, what the tokens say is enough: they must not be lost.
    pub(crate) async fn known_by_tokens(
        &self,
        request: &RequestContext,
        claims: &ForeignClaims,
        tokens: &AuthenticationResultType,
    ) -> Result<LoadedUser> {
        let access = Secret::from(tokens.access_token().unwrap_or_default());
        let user = match self.user_of_token(&access, Purpose::Administration).await {
            Ok(user) => user,
            Err(problem) if problem.may_pass() => {
                tracing::warn!(%problem, "GetUser failed; the sign-in is completed with the claims of its tokens");
                UserDetails {
                    sub: Sub::new(claims.sub.clone()),
                    username: Username::new(claims.username.clone()),
                    attributes: id_token::attributes(tokens.id_token().unwrap_or_default()),
                    ..signed_in_user()
                }
            }
            Err(error) => return Err(error),
        };
        let groups = group_names(claims.groups.clone());
        Ok(self.loaded(request, user, groups))
    }

    /// The user behind an access token that was checked.
    pub(crate) async fn known_caller(
        &self,
        request: &RequestContext,
        caller: &Caller,
    ) -> Result<LoadedUser> {
        let username = caller.username.as_str();
        let Some(user) = self.recent.take_user(&caller.sub, self.now()) else {
            return self.known(request, username).await;
        };
        let groups = self.recent_groups(&user).await?;
        Ok(self.loaded(request, user, groups))
    }

    /// The user as the owner of an access token sees it (`GetUser`). Who has one that works is
    /// confirmed and enabled.
    pub(crate) async fn user_of_token(
        &self,
        access_token: &Secret,
        purpose: Purpose<'_>,
    ) -> Result<UserDetails> {
        let call = self.sdk.get_user().access_token(access_token.expose());
        let user = self.call(Repeat::Safely, purpose, || call.clone().send()).await?;
        let (sub, attributes) = convert::attributes(user.user_attributes());
        let (mode, preferred) = (self.settings.mfa, user.preferred_mfa_setting());
        Ok(UserDetails {
            sub: Sub::new(sub.ok_or_else(|| missing("a user's sub"))?),
            mfa: convert::mfa(mode, user.user_mfa_setting_list(), preferred),
            attributes,
            username: Username::new(user.username),
            ..signed_in_user()
        })
    }

    /// The names of a user's groups: those that Amazon named a moment ago, or else those of now.
    async fn recent_groups(&self, user: &UserDetails) -> Result<Vec<GroupName>> {
        if let Some(groups) = self.recent.groups(&user.sub, self.now()) {
            return Ok(groups);
        }
        let state = self.recent.state();
        let groups = self.groups_of_user(user.username.as_str()).await?;
        let groups: Vec<_> = groups.into_iter().map(|group| group.name).collect();
        self.recent.keep_groups(&user.sub, &groups, (state, self.now()));
        Ok(groups)
    }

    fn loaded(
        &self,
        request: &RequestContext,
        mut user: UserDetails,
        groups: Vec<GroupName>,
    ) -> LoadedUser {
        request.note_user(&user.sub);
        // Programs have no second factor to give.
        user.mfa.required &= !groups.contains(&self.settings.service_group);
        LoadedUser { user, groups }
    }

    /// The user behind a name that was proven, or is an administrator's to ask for.
    pub(crate) async fn known(
        &self,
        request: &RequestContext,
        username: &str,
    ) -> Result<LoadedUser> {
        let (user, groups) = tokio::join!(self.get_user(username), self.groups_of_user(username));
        let groups = groups?.into_iter().map(|group| group.name).collect();
        Ok(self.loaded(request, user?, groups))
    }

    /// Lets in whom the face is for.
    pub(crate) async fn admit(&self, known: &LoadedUser, entry_policy: &EntryPolicy) -> Result<()> {
        let LoadedUser { user, groups } = known;
        self.admit_user((&user.sub, user.enabled), groups, entry_policy).await
    }

    /// The same for a user of whom this alone is known.
    pub(crate) async fn admit_user(
        &self,
        (sub, enabled): (&Sub, bool),
        groups: &[GroupName],
        entry_policy: &EntryPolicy,
    ) -> Result<()> {
        let pool = &self.settings.pool;
        let machine = self.parts.tenants.tenant_of_machine(pool, sub).await?;
        let machine = machine.map_or(Machine::No, Machine::Of);
        let mut entry_policy = entry_policy.clone();
        if self.settings.has_partners {
            entry_policy = entry_policy.barring(&self.settings.suspended_group);
        }
        let facts = AdmissionFacts {
            enabled,
            groups,
            lacks_active_partner: entry_policy.needs_active_partner
                && self.lacks_active_partner(groups).await?,
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
                self.call(Repeat::Safely, Purpose::Administration, || page.clone().send()).await?;
            for group in page.groups.unwrap_or_default() {
                groups.push(convert::group(&self.settings.pool, group)?);
            }
            next = page.next_token;
            if next.is_none() {
                break;
            }
        }
        groups.sort_by_cached_key(Group::rank);
        Ok(groups)
    }
}

/// What is known of anybody whose access token works.
pub(crate) fn signed_in_user() -> UserDetails {
    UserDetails {
        sub: Sub::from(""),
        username: Username::from(""),
        status: UserStatus::Confirmed,
        enabled: true,
        attributes: Attributes::default(),
        mfa: MfaSummary::default(),
        created_at: Timestamp::from_millis(0),
        modified_at: Timestamp::from_millis(0),
    }
}

/// The refusal that a face may tell: some are concealed as a wrong password.
pub(crate) fn concealed(refusal: Refusal, entry_policy: &EntryPolicy) -> Refusal {
    if entry_policy.conceals(&refusal) { Refusal::BadCredentials } else { refusal }
}
