//! The pools of all places as one: every verb goes to where its pool lives.

use async_trait::async_trait;
use poolkeeper_pool::administration::{
    Administration, Listing, NewGroup, NewUser, Page, Slice, UserDetails,
};
use poolkeeper_pool::entity::{Face, Group, Tenant};
use poolkeeper_pool::error::Result;
use poolkeeper_pool::ids::{ClientId, GroupName, PartnerId, PoolId, Sub, Username};
use poolkeeper_pool::local::Local;
use poolkeeper_pool::request::RequestContext;
use poolkeeper_pool::secret::Secret;
use poolkeeper_pool::self_service::{
    Delivery, MfaPreference, MfaSwitch, Registration, SelfService, SignedUp,
};
use poolkeeper_pool::tenancy::{Credential, NewCredential, Tenancy};
use poolkeeper_pool::token::unverified_issuer;
use poolkeeper_pool::user_pool::{
    Caller, Outcome, Profile, Refresh, Respond, SignIn, SignedIn, UserPool, Via,
};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Where a pool lives: all that the sign-in APIs ask of it.
pub trait PoolBackend: UserPool + SelfService + Administration + Tenancy {
    /// The app client of a refresh token that was made there and says so itself.
    fn client_of(&self, refresh_token: &Secret) -> Option<ClientId>;

    /// Whether the session of a challenge was made there and says so itself.
    fn asked(&self, session: &Secret) -> bool;
}

impl PoolBackend for Local {
    /// The engine finds out by itself.
    fn client_of(&self, _: &Secret) -> Option<ClientId> {
        None
    }

    fn asked(&self, _: &Secret) -> bool {
        false
    }
}

/// A pool that lives elsewhere.
pub struct RemotePool {
    /// Its id.
    pub pool: PoolId,
    /// The app clients through which it is used here.
    pub clients: Vec<ClientId>,
    /// The `iss` of its tokens.
    pub issuer: String,
    /// Where it lives.
    pub place: Arc<dyn PoolBackend>,
}

/// All pools: those that live elsewhere, and the engine's.
pub struct Pools {
    engine: Arc<Local>,
    foreign: Vec<RemotePool>,
}

impl Pools {
    /// The engine's pools, and these.
    pub fn new(engine: Arc<Local>, foreign: Vec<RemotePool>) -> Self {
        Self { engine, foreign }
    }

    fn of_pool(&self, pool: &PoolId) -> &dyn PoolBackend {
        self.find(|foreign| foreign.pool == *pool)
    }

    fn of_client(&self, client: &ClientId) -> &dyn PoolBackend {
        self.find(|foreign| foreign.clients.contains(client))
    }

    /// By what a token says of itself: where it is from is where it is checked.
    fn of_token(&self, token: &Secret) -> &dyn PoolBackend {
        let issuer = unverified_issuer(token);
        self.find(|foreign| issuer.as_ref() == Some(&foreign.issuer))
    }

    fn of_session(&self, session: &Secret) -> &dyn PoolBackend {
        self.find(|foreign| foreign.place.asked(session))
    }

    fn find(&self, fits: impl Fn(&RemotePool) -> bool) -> &dyn PoolBackend {
        let found = self.foreign.iter().find(|foreign| fits(foreign));
        found.map_or(&*self.engine as &dyn PoolBackend, |foreign| &*foreign.place)
    }
}

#[async_trait]
impl UserPool for Pools {
    async fn sign_in(&self, request: &RequestContext, command: SignIn) -> Result<Outcome> {
        request.noting(self.of_client(&command.via.client).sign_in(request, command)).await
    }

    async fn respond(&self, request: &RequestContext, command: Respond) -> Result<Outcome> {
        request.noting(self.of_client(&command.via.client).respond(request, command)).await
    }

    async fn refresh(&self, request: &RequestContext, command: Refresh) -> Result<SignedIn> {
        request.noting(self.of_client(&command.via.client).refresh(request, command)).await
    }

    async fn revoke(
        &self,
        request: &RequestContext,
        via: &Via,
        refresh_token: &Secret,
    ) -> Result<()> {
        request.noting(self.of_client(&via.client).revoke(request, via, refresh_token)).await
    }

    async fn authenticate(
        &self,
        request: &RequestContext,
        face: Face,
        client: &ClientId,
        access_token: &Secret,
    ) -> Result<(Caller, Option<Profile>)> {
        request
            .noting(self.of_client(client).authenticate(request, face, client, access_token))
            .await
    }

    async fn profile(
        &self,
        request: &RequestContext,
        client: &ClientId,
        caller: &Caller,
    ) -> Result<Profile> {
        request.noting(self.of_client(client).profile(request, client, caller)).await
    }
}

#[async_trait]
impl SelfService for Pools {
    async fn forgot_password(
        &self,
        request: &RequestContext,
        client: &ClientId,
        username: &str,
    ) -> Result<Delivery> {
        request.noting(self.of_client(client).forgot_password(request, client, username)).await
    }

    async fn confirm_forgot_password(
        &self,
        request: &RequestContext,
        client: &ClientId,
        username: &str,
        code: &Secret,
        password: &Secret,
    ) -> Result<()> {
        request
            .noting(
                self.of_client(client)
                    .confirm_forgot_password(request, client, username, code, password),
            )
            .await
    }

    async fn register(&self, request: &RequestContext, new: Registration) -> Result<SignedUp> {
        request.noting(self.of_client(&new.via.client).register(request, new)).await
    }

    async fn confirm_registration(
        &self,
        request: &RequestContext,
        client: &ClientId,
        username: &str,
        code: &Secret,
    ) -> Result<()> {
        request
            .noting(self.of_client(client).confirm_registration(request, client, username, code))
            .await
    }

    async fn change_password(
        &self,
        request: &RequestContext,
        access_token: &Secret,
        previous: &Secret,
        proposed: &Secret,
    ) -> Result<()> {
        request
            .noting(self.of_token(access_token).change_password(
                request,
                access_token,
                previous,
                proposed,
            ))
            .await
    }

    async fn associate_totp(
        &self,
        request: &RequestContext,
        access_token: &Secret,
    ) -> Result<Secret> {
        request.noting(self.of_token(access_token).associate_totp(request, access_token)).await
    }

    async fn verify_totp(
        &self,
        request: &RequestContext,
        access_token: &Secret,
        code: &Secret,
        friendly_name: Option<String>,
    ) -> Result<()> {
        request
            .noting(self.of_token(access_token).verify_totp(
                request,
                access_token,
                code,
                friendly_name,
            ))
            .await
    }

    async fn enrol_totp(
        &self,
        request: &RequestContext,
        access_token: &Secret,
        code: &Secret,
    ) -> Result<()> {
        request.noting(self.of_token(access_token).enrol_totp(request, access_token, code)).await
    }

    async fn associate_totp_by_session(
        &self,
        request: &RequestContext,
        session: &Secret,
    ) -> Result<(Secret, Secret)> {
        request.noting(self.of_session(session).associate_totp_by_session(request, session)).await
    }

    async fn verify_totp_by_session(
        &self,
        request: &RequestContext,
        session: &Secret,
        code: &Secret,
        friendly_name: Option<String>,
    ) -> Result<Secret> {
        request
            .noting(self.of_session(session).verify_totp_by_session(
                request,
                session,
                code,
                friendly_name,
            ))
            .await
    }

    async fn switch_mfa(
        &self,
        request: &RequestContext,
        access_token: &Secret,
        switch: MfaSwitch,
    ) -> Result<()> {
        request.noting(self.of_token(access_token).switch_mfa(request, access_token, switch)).await
    }

    async fn set_mfa_preference(
        &self,
        request: &RequestContext,
        access_token: &Secret,
        preference: MfaPreference,
    ) -> Result<()> {
        request
            .noting(self.of_token(access_token).set_mfa_preference(
                request,
                access_token,
                preference,
            ))
            .await
    }
}

#[async_trait]
impl Administration for Pools {
    async fn users(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        page: Page<'_>,
    ) -> Result<Listing<UserDetails>> {
        request.noting(self.of_pool(pool).users(request, pool, page)).await
    }

    async fn number_of_users(&self, request: &RequestContext, pool: &PoolId) -> Result<i64> {
        request.noting(self.of_pool(pool).number_of_users(request, pool)).await
    }

    async fn users_in_group(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        group: &GroupName,
        page: Page<'_>,
    ) -> Result<Listing<UserDetails>> {
        request.noting(self.of_pool(pool).users_in_group(request, pool, group, page)).await
    }

    async fn users_in_group_at(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        group: &GroupName,
        offset: u64,
        limit: u64,
    ) -> Result<Slice<UserDetails>> {
        request
            .noting(self.of_pool(pool).users_in_group_at(request, pool, group, offset, limit))
            .await
    }

    async fn user(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        username: &str,
    ) -> Result<UserDetails> {
        request.noting(self.of_pool(pool).user(request, pool, username)).await
    }

    async fn create_user(&self, request: &RequestContext, new: NewUser) -> Result<UserDetails> {
        request.noting(self.of_pool(&new.pool).create_user(request, new)).await
    }

    async fn update_attributes(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        username: &str,
        given: &[(String, String)],
    ) -> Result<()> {
        request.noting(self.of_pool(pool).update_attributes(request, pool, username, given)).await
    }

    async fn set_password(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        username: &str,
        password: &Secret,
        permanent: bool,
    ) -> Result<()> {
        request
            .noting(self.of_pool(pool).set_password(request, pool, username, password, permanent))
            .await
    }

    async fn reset_password(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        username: &str,
    ) -> Result<()> {
        request.noting(self.of_pool(pool).reset_password(request, pool, username)).await
    }

    async fn enable_user(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        username: &str,
    ) -> Result<()> {
        request.noting(self.of_pool(pool).enable_user(request, pool, username)).await
    }

    async fn disable_user(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        username: &str,
    ) -> Result<()> {
        request.noting(self.of_pool(pool).disable_user(request, pool, username)).await
    }

    async fn delete_user(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        username: &str,
    ) -> Result<()> {
        request.noting(self.of_pool(pool).delete_user(request, pool, username)).await
    }

    async fn sign_out_user(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        username: &str,
    ) -> Result<()> {
        request.noting(self.of_pool(pool).sign_out_user(request, pool, username)).await
    }

    async fn groups(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        page: Page<'_>,
    ) -> Result<Listing<Group>> {
        request.noting(self.of_pool(pool).groups(request, pool, page)).await
    }

    async fn create_group(&self, request: &RequestContext, new: NewGroup) -> Result<Group> {
        request.noting(self.of_pool(&new.pool).create_group(request, new)).await
    }

    async fn delete_group(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        group: &GroupName,
    ) -> Result<()> {
        request.noting(self.of_pool(pool).delete_group(request, pool, group)).await
    }

    async fn groups_of(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        username: &str,
    ) -> Result<Vec<Group>> {
        request.noting(self.of_pool(pool).groups_of(request, pool, username)).await
    }

    async fn groups_of_each(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        subs: &[Sub],
    ) -> Result<BTreeMap<Sub, Vec<Group>>> {
        request.noting(self.of_pool(pool).groups_of_each(request, pool, subs)).await
    }

    async fn add_to_group(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        username: &str,
        group: &GroupName,
    ) -> Result<()> {
        request.noting(self.of_pool(pool).add_to_group(request, pool, username, group)).await
    }

    async fn remove_from_group(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        username: &str,
        group: &GroupName,
    ) -> Result<()> {
        request.noting(self.of_pool(pool).remove_from_group(request, pool, username, group)).await
    }

    async fn suspend(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        sub: &Sub,
        by: (&PartnerId, &Sub),
    ) -> Result<()> {
        request.noting(self.of_pool(pool).suspend(request, pool, sub, by)).await
    }

    async fn lift_suspension(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        sub: &Sub,
        partner: &PartnerId,
    ) -> Result<()> {
        request.noting(self.of_pool(pool).lift_suspension(request, pool, sub, partner)).await
    }

    async fn change_groups(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        username: &str,
        added: &[GroupName],
        removed: &[GroupName],
        by: Option<(&PartnerId, &Sub)>,
    ) -> Result<()> {
        request
            .noting(self.of_pool(pool).change_groups(request, pool, username, added, removed, by))
            .await
    }
}

#[async_trait]
impl Tenancy for Pools {
    async fn administered(
        &self,
        request: &RequestContext,
        access_token: &Secret,
    ) -> Result<Option<Tenant>> {
        request.noting(self.of_token(access_token).administered(request, access_token)).await
    }

    async fn log_out(&self, request: &RequestContext, refresh_token: &Secret) -> Result<()> {
        let place = self.find(|foreign| foreign.place.client_of(refresh_token).is_some());
        request.noting(place.log_out(request, refresh_token)).await
    }

    async fn credentials(
        &self,
        request: &RequestContext,
        tenant: &Tenant,
        page: Page<'_>,
    ) -> Result<Listing<Credential>> {
        request.noting(self.of_pool(&tenant.pool).credentials(request, tenant, page)).await
    }

    async fn create_credential(
        &self,
        request: &RequestContext,
        tenant: &Tenant,
        new: NewCredential,
    ) -> Result<(Credential, Secret)> {
        request.noting(self.of_pool(&tenant.pool).create_credential(request, tenant, new)).await
    }

    async fn delete_credential(
        &self,
        request: &RequestContext,
        tenant: &Tenant,
        client_id: &Username,
    ) -> Result<()> {
        request
            .noting(self.of_pool(&tenant.pool).delete_credential(request, tenant, client_id))
            .await
    }
}
