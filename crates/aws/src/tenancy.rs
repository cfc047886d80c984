//! `Tenancy` over Amazon. A machine credential is a user there, and a row in our own store that says
//! whose it is; which tenant a token is for is a row, too.

use crate::amazon::Amazon;
use async_trait::async_trait;
use poolkeeper_pool::backend::administration::{
    Administration as _, Invitation, Listing, NewGroup, NewUser, Page, UserDetails,
};
use poolkeeper_pool::backend::tenancy::{
    Credential, NewCredential, Tenancy, administers, check_one_tenant,
};
use poolkeeper_pool::crypto::secret::Secret;
use poolkeeper_pool::entity::{Attributes, FollowUpWork, Kind, Tenant};
use poolkeeper_pool::error::{Error, Refusal, Result};
use poolkeeper_pool::ids::{
    ClientId, GroupName, SessionId, TenantId, Username, random_machine_id,
    random_machine_secret_for_any_policy,
};
use poolkeeper_pool::request::RequestContext;
use poolkeeper_pool::time::Timestamp;

#[async_trait]
impl Tenancy for Amazon {
    async fn administered(
        &self,
        request: &RequestContext,
        access_token: &Secret,
    ) -> Result<Option<Tenant>> {
        let claims = self.keys.check(access_token, self.now()).await?;
        let client = self.client(request, &ClientId::new(claims.client_id));
        let client = client.map_err(|_| Refusal::AccessTokenInvalid)?;
        let caller = self.check_access_token(request, client, access_token).await?;
        let id = caller.tenant.clone().ok_or(Refusal::AccessTokenInvalid)?;
        let tenant = self.parts.tenants.tenant_of_id(&id).await?;
        let issued_for =
            |tenant: &Tenant| tenant.pool == caller.pool && tenant.client == caller.client;
        let tenant = tenant.filter(issued_for).ok_or(Refusal::AccessTokenRevoked)?;
        let known = self.known_caller(request, &caller).await.map_err(revoked_if_gone)?;
        // The name may have been given to somebody else since.
        if known.user.sub != caller.sub || !known.user.enabled {
            return Err(Refusal::AccessTokenRevoked.into());
        }
        let is_person = !known.groups.contains(&self.settings.service_group)
            && !self.parts.tenants.is_credential(&tenant, &caller.sub).await?;
        Ok(administers(&tenant, is_person, |group| known.groups.contains(group))?.then_some(tenant))
    }

    async fn log_out(&self, request: &RequestContext, refresh_token: &Secret) -> Result<()> {
        let client = self.client_of(refresh_token).ok_or(Refusal::RefreshTokenInvalid)?;
        let wrapped = self.unwrap_refresh_token(&client, refresh_token);
        if wrapped.tenant.is_none() {
            return Err(Refusal::RefreshTokenInvalid.into());
        }
        self.revoke_token(self.client(request, &client)?, wrapped.token.expose()).await
    }

    async fn credentials(
        &self,
        request: &RequestContext,
        tenant: &Tenant,
        page: Page<'_>,
    ) -> Result<Listing<Credential>> {
        self.pool(&tenant.pool)?;
        let Listing { entries: subs, next } =
            self.parts.tenants.credential_subs(tenant, page).await?;
        let mut entries = Vec::with_capacity(subs.len());
        for sub in subs {
            match self.known(request, sub.as_str()).await {
                Ok(known) => entries.push(self.described(tenant, known.user, known.groups)),
                // Somebody has removed it at Amazon.
                Err(Error::Refused(Refusal::UserNotFound)) => {
                    self.parts.tenants.remove_credential(request, tenant, &sub).await?;
                }
                Err(error) => return Err(error),
            }
        }
        Ok(Listing { entries, next })
    }

    async fn create_credential(
        &self,
        request: &RequestContext,
        tenant: &Tenant,
        new: NewCredential,
    ) -> Result<(Credential, Secret)> {
        self.pool(&tenant.pool)?;
        self.parts.tenants.check_grants(&new.grants)?;
        let groups: Vec<_> = tenant.group.iter().chain(&new.grants).cloned().collect();
        let tenants = self.parts.tenants.tenants_of_groups(&tenant.pool, &groups).await?;
        check_one_tenant(Some(&tenant.id), &groups, &tenants)?;
        let rng = self.parts.rng.as_ref();
        let (username, secret) =
            (random_machine_id(rng), random_machine_secret_for_any_policy(rng));
        // Where usernames are addresses, Amazon takes nothing else, and makes up a name of its own by
        // which the machine signs in. No real address ends like that (RFC 2606).
        let domain = if self.settings.address_usernames { "@machine.invalid" } else { "" };
        let username = format!("{username}{domain}");
        // Nothing else would name what Amazon has made if its answer is lost, or this process ends.
        let removal = self.keep(request, &username, &FollowUpWork::RemoveUser).await?;
        let made = match self.make_user(request, machine(tenant, username, new.name)).await {
            Ok(made) => made,
            Err(error) => {
                // If Amazon refuses, it has made nothing.
                if let Error::Refused(_) = error {
                    self.parts.follow_ups.forget_follow_up(request, &removal).await?;
                }
                return Err(error);
            }
        };
        let equipped = match self.equip(request, tenant, &made, &new.grants, &secret).await {
            // It took so long that the removal was tried.
            Ok(_) if !self.parts.follow_ups.withdraw_follow_up(request, &removal).await? => {
                Err(Refusal::Busy.into())
            }
            equipped => equipped,
        };
        match equipped {
            Ok(groups) => Ok((self.described(tenant, made, groups), secret)),
            Err(error) => {
                if let Err(problem) = self.take_back(request, tenant, &made, &removal).await {
                    let username = made.username.as_str();
                    tracing::error!(
                        %problem, username,
                        "a machine credential was created only in part and could not be removed"
                    );
                }
                Err(error)
            }
        }
    }

    async fn delete_credential(
        &self,
        request: &RequestContext,
        tenant: &Tenant,
        client_id: &Username,
    ) -> Result<()> {
        self.pool(&tenant.pool)?;
        let user = self.get_user(client_id.as_str()).await?;
        // Found by its name, not by another one that leads to it.
        let is_named = user.username.as_str().eq_ignore_ascii_case(client_id.as_str());
        if !is_named || !self.parts.tenants.is_credential(tenant, &user.sub).await? {
            return Err(Refusal::UserNotFound.into());
        }
        match self.remove_user(user.username.as_str()).await {
            Ok(()) | Err(Error::Refused(Refusal::UserNotFound)) => {}
            Err(error) => return Err(error),
        }
        self.parts.tenants.remove_credential(request, tenant, &user.sub).await
    }
}

impl Amazon {
    /// Keeps which tenant an access token and those that are refreshed from it are for. One that
    /// does not name its sign-in is for none.
    pub(crate) async fn keep_tenant(
        &self,
        request: &RequestContext,
        access_token: &Secret,
        tenant: &TenantId,
    ) -> Result<()> {
        let claims = self.keys.check(access_token, self.now()).await?;
        let Some(sign_in) = claims.origin_jti.map(SessionId::new) else { return Ok(()) };
        let until = Timestamp::from_seconds(claims.exp);
        self.parts.tenants.keep_sign_in(request, &self.settings.pool, &sign_in, tenant, until).await
    }

    /// Refuses to put a machine into groups of a second tenant. Amazon is asked who the user is only
    /// if the groups are some tenant's, or make the user a machine.
    pub(crate) async fn expect_one_tenant(
        &self,
        request: &RequestContext,
        username: &str,
        added: &[GroupName],
    ) -> Result<()> {
        let (records, pool) = (&self.parts.tenants, &self.settings.pool);
        let service_group = &self.settings.service_group;
        if !added.contains(service_group)
            && records.tenants_of_groups(pool, added).await?.is_empty()
        {
            return Ok(());
        }
        let known = self.known(request, username).await?;
        let own_tenant = records.tenant_of_machine(pool, &known.user.sub).await?;
        let groups = [&known.groups, added].concat();
        if own_tenant.is_none() && !groups.contains(service_group) {
            return Ok(());
        }
        let tenants = records.tenants_of_groups(pool, &groups).await?;
        Ok(check_one_tenant(own_tenant.as_ref(), &groups, &tenants)?)
    }

    /// Makes a new user the tenant's machine. The secret comes last: nothing signs in by it before
    /// the credential can be listed and deleted.
    async fn equip(
        &self,
        request: &RequestContext,
        tenant: &Tenant,
        user: &UserDetails,
        grants: &[GroupName],
        secret: &Secret,
    ) -> Result<Vec<GroupName>> {
        self.parts.tenants.add_credential(request, tenant, &user.sub).await?;
        let mut groups = Vec::new();
        for group in tenant.group.iter().chain(grants).chain([&self.settings.service_group]) {
            self.put_into_own_group(request, user.username.as_str(), group).await?;
            groups.push(group.clone());
        }
        self.put_password(request, user.username.as_str(), secret, true).await?;
        groups.sort();
        Ok(groups)
    }

    /// Puts a machine into a group, which is made if it is missing.
    async fn put_into_own_group(
        &self,
        request: &RequestContext,
        username: &str,
        group: &GroupName,
    ) -> Result<()> {
        match self.put_into_group(username, group).await {
            Err(Error::Refused(Refusal::GroupNotFound(_))) => {}
            put => return put,
        }
        let (pool, name) = (self.settings.pool.clone(), group.clone());
        let new = NewGroup { pool, name, description: None, role_arn: None, precedence: None };
        match self.create_group(request, new).await {
            Ok(_) | Err(Error::Refused(Refusal::GroupExists)) => {}
            Err(error) => return Err(error),
        }
        self.put_into_group(username, group).await
    }

    /// Removes a machine that was made by halves. That was kept under its name, and now is under its
    /// `sub`.
    async fn take_back(
        &self,
        request: &RequestContext,
        tenant: &Tenant,
        user: &UserDetails,
        removal: &str,
    ) -> Result<()> {
        self.follow_up(request, user.sub.as_str(), FollowUpWork::RemoveUser).await?;
        self.parts.tenants.remove_credential(request, tenant, &user.sub).await?;
        self.parts.follow_ups.forget_follow_up(request, removal).await
    }

    fn described(&self, tenant: &Tenant, user: UserDetails, groups: Vec<GroupName>) -> Credential {
        let marks = |name: &GroupName| {
            Some(name) == tenant.group.as_ref() || *name == self.settings.service_group
        };
        Credential {
            name: user.attributes.get("name").unwrap_or_default().to_owned(),
            client_id: user.username,
            grants: groups.into_iter().filter(|name| !marks(name)).collect(),
            created_at: user.created_at,
        }
    }
}

fn machine(tenant: &Tenant, username: String, name: String) -> NewUser {
    NewUser {
        pool: tenant.pool.clone(),
        username,
        attributes: Attributes::from_iter([("name", name)]),
        temporary_password: None,
        kind: Kind::Person,
        invitation: Invitation::Suppress,
        mediums: Vec::new(),
        force_alias: false,
        groups: Vec::new(),
    }
}

fn revoked_if_gone(error: Error) -> Error {
    match error {
        Error::Refused(Refusal::UserNotFound) => Refusal::AccessTokenRevoked.into(),
        other => other,
    }
}
