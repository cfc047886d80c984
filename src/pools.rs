//! The pools of all places as one: every verb goes to where its pool lives.

use async_trait::async_trait;
use poolkeeper_pool::administration::{
    Administration, Listing, NewGroup, NewUser, Page, Slice, UserDetails,
};
use poolkeeper_pool::entity::{Door, Group, Tenant};
use poolkeeper_pool::error::Result;
use poolkeeper_pool::ids::{ClientId, GroupName, PartnerId, PoolId, Sub, Username};
use poolkeeper_pool::local::Local;
use poolkeeper_pool::secret::Secret;
use poolkeeper_pool::self_service::{
    Delivery, MfaPreference, MfaSwitch, Registration, SelfService, SignedUp,
};
use poolkeeper_pool::tenancy::{Credential, NewCredential, Tenancy};
use poolkeeper_pool::token::unverified_issuer;
use poolkeeper_pool::user_pool::{
    Caller, Outcome, Profile, Refresh, Respond, SignIn, SignedIn, UserPool,
};
use std::sync::Arc;

/// Where a pool lives: all that the sign-in APIs ask of it.
pub trait Place: UserPool + SelfService + Administration + Tenancy {
    /// The app client of a refresh token that was made there and says so itself.
    fn client_of(&self, refresh_token: &Secret) -> Option<ClientId>;

    /// Whether the session of a challenge was made there and says so itself.
    fn asked(&self, session: &Secret) -> bool;
}

impl Place for Local {
    /// The engine finds out by itself.
    fn client_of(&self, _: &Secret) -> Option<ClientId> {
        None
    }

    fn asked(&self, _: &Secret) -> bool {
        false
    }
}

/// A pool that lives elsewhere.
pub struct Foreign {
    /// Its id.
    pub pool: PoolId,
    /// The app clients through which it is used here.
    pub clients: Vec<ClientId>,
    /// The `iss` of its tokens.
    pub issuer: String,
    /// Where it lives.
    pub place: Arc<dyn Place>,
}

/// All pools: those that live elsewhere, and the engine's.
pub struct Pools {
    engine: Arc<Local>,
    foreign: Vec<Foreign>,
}

impl Pools {
    /// The engine's pools, and these.
    pub fn new(engine: Arc<Local>, foreign: Vec<Foreign>) -> Self {
        Self { engine, foreign }
    }

    fn of_pool(&self, pool: &PoolId) -> &dyn Place {
        self.find(|foreign| foreign.pool == *pool)
    }

    fn of_client(&self, client: &ClientId) -> &dyn Place {
        self.find(|foreign| foreign.clients.contains(client))
    }

    /// By what a token says of itself: where it is from is where it is checked.
    fn of_token(&self, token: &Secret) -> &dyn Place {
        let issuer = unverified_issuer(token);
        self.find(|foreign| issuer.as_ref() == Some(&foreign.issuer))
    }

    fn of_session(&self, session: &Secret) -> &dyn Place {
        self.find(|foreign| foreign.place.asked(session))
    }

    fn find(&self, fits: impl Fn(&Foreign) -> bool) -> &dyn Place {
        let found = self.foreign.iter().find(|foreign| fits(foreign));
        found.map_or(&*self.engine as &dyn Place, |foreign| &*foreign.place)
    }
}

#[async_trait]
impl UserPool for Pools {
    async fn sign_in(&self, command: SignIn) -> Result<Outcome> {
        self.of_client(&command.client).sign_in(command).await
    }

    async fn respond(&self, command: Respond) -> Result<Outcome> {
        self.of_client(&command.client).respond(command).await
    }

    async fn refresh(&self, command: Refresh) -> Result<SignedIn> {
        self.of_client(&command.client).refresh(command).await
    }

    async fn revoke(&self, client: &ClientId, refresh_token: &Secret) -> Result<()> {
        self.of_client(client).revoke(client, refresh_token).await
    }

    async fn authenticate(
        &self,
        door: Door,
        client: &ClientId,
        access_token: &Secret,
    ) -> Result<Caller> {
        self.of_client(client).authenticate(door, client, access_token).await
    }

    async fn profile(&self, client: &ClientId, caller: &Caller) -> Result<Profile> {
        self.of_client(client).profile(client, caller).await
    }
}

#[async_trait]
impl SelfService for Pools {
    async fn forgot_password(&self, client: &ClientId, username: &str) -> Result<Delivery> {
        self.of_client(client).forgot_password(client, username).await
    }

    async fn confirm_forgot_password(
        &self,
        client: &ClientId,
        username: &str,
        code: &Secret,
        password: &Secret,
    ) -> Result<()> {
        self.of_client(client).confirm_forgot_password(client, username, code, password).await
    }

    async fn register(&self, new: Registration) -> Result<SignedUp> {
        self.of_client(&new.client).register(new).await
    }

    async fn confirm_registration(
        &self,
        client: &ClientId,
        username: &str,
        code: &Secret,
    ) -> Result<()> {
        self.of_client(client).confirm_registration(client, username, code).await
    }

    async fn change_password(
        &self,
        access_token: &Secret,
        previous: &Secret,
        proposed: &Secret,
    ) -> Result<()> {
        self.of_token(access_token).change_password(access_token, previous, proposed).await
    }

    async fn associate_totp(&self, access_token: &Secret) -> Result<Secret> {
        self.of_token(access_token).associate_totp(access_token).await
    }

    async fn verify_totp(
        &self,
        access_token: &Secret,
        code: &Secret,
        friendly_name: Option<String>,
    ) -> Result<()> {
        self.of_token(access_token).verify_totp(access_token, code, friendly_name).await
    }

    async fn enrol_totp(&self, access_token: &Secret, code: &Secret) -> Result<()> {
        self.of_token(access_token).enrol_totp(access_token, code).await
    }

    async fn associate_totp_by_session(&self, session: &Secret) -> Result<(Secret, Secret)> {
        self.of_session(session).associate_totp_by_session(session).await
    }

    async fn verify_totp_by_session(
        &self,
        session: &Secret,
        code: &Secret,
        friendly_name: Option<String>,
    ) -> Result<Secret> {
        self.of_session(session).verify_totp_by_session(session, code, friendly_name).await
    }

    async fn switch_mfa(&self, access_token: &Secret, switch: MfaSwitch) -> Result<()> {
        self.of_token(access_token).switch_mfa(access_token, switch).await
    }

    async fn set_mfa_preference(
        &self,
        access_token: &Secret,
        preference: MfaPreference,
    ) -> Result<()> {
        self.of_token(access_token).set_mfa_preference(access_token, preference).await
    }
}

#[async_trait]
impl Administration for Pools {
    async fn users(&self, pool: &PoolId, page: Page<'_>) -> Result<Listing<UserDetails>> {
        self.of_pool(pool).users(pool, page).await
    }

    async fn number_of_users(&self, pool: &PoolId) -> Result<i64> {
        self.of_pool(pool).number_of_users(pool).await
    }

    async fn users_in_group(
        &self,
        pool: &PoolId,
        group: &GroupName,
        page: Page<'_>,
    ) -> Result<Listing<UserDetails>> {
        self.of_pool(pool).users_in_group(pool, group, page).await
    }

    async fn users_in_group_at(
        &self,
        pool: &PoolId,
        group: &GroupName,
        offset: u64,
        limit: u64,
    ) -> Result<Slice<UserDetails>> {
        self.of_pool(pool).users_in_group_at(pool, group, offset, limit).await
    }

    async fn user(&self, pool: &PoolId, username: &str) -> Result<UserDetails> {
        self.of_pool(pool).user(pool, username).await
    }

    async fn create_user(&self, new: NewUser) -> Result<UserDetails> {
        self.of_pool(&new.pool).create_user(new).await
    }

    async fn update_attributes(
        &self,
        pool: &PoolId,
        username: &str,
        given: &[(String, String)],
    ) -> Result<()> {
        self.of_pool(pool).update_attributes(pool, username, given).await
    }

    async fn set_password(
        &self,
        pool: &PoolId,
        username: &str,
        password: &Secret,
        permanent: bool,
    ) -> Result<()> {
        self.of_pool(pool).set_password(pool, username, password, permanent).await
    }

    async fn reset_password(&self, pool: &PoolId, username: &str) -> Result<()> {
        self.of_pool(pool).reset_password(pool, username).await
    }

    async fn enable_user(&self, pool: &PoolId, username: &str) -> Result<()> {
        self.of_pool(pool).enable_user(pool, username).await
    }

    async fn disable_user(&self, pool: &PoolId, username: &str) -> Result<()> {
        self.of_pool(pool).disable_user(pool, username).await
    }

    async fn delete_user(&self, pool: &PoolId, username: &str) -> Result<()> {
        self.of_pool(pool).delete_user(pool, username).await
    }

    async fn sign_out_user(&self, pool: &PoolId, username: &str) -> Result<()> {
        self.of_pool(pool).sign_out_user(pool, username).await
    }

    async fn groups(&self, pool: &PoolId, page: Page<'_>) -> Result<Listing<Group>> {
        self.of_pool(pool).groups(pool, page).await
    }

    async fn create_group(&self, new: NewGroup) -> Result<Group> {
        self.of_pool(&new.pool).create_group(new).await
    }

    async fn delete_group(&self, pool: &PoolId, group: &GroupName) -> Result<()> {
        self.of_pool(pool).delete_group(pool, group).await
    }

    async fn groups_of(&self, pool: &PoolId, username: &str) -> Result<Vec<Group>> {
        self.of_pool(pool).groups_of(pool, username).await
    }

    async fn add_to_group(&self, pool: &PoolId, username: &str, group: &GroupName) -> Result<()> {
        self.of_pool(pool).add_to_group(pool, username, group).await
    }

    async fn remove_from_group(
        &self,
        pool: &PoolId,
        username: &str,
        group: &GroupName,
    ) -> Result<()> {
        self.of_pool(pool).remove_from_group(pool, username, group).await
    }

    async fn suspend(&self, pool: &PoolId, sub: &Sub, by: (&PartnerId, &Sub)) -> Result<()> {
        self.of_pool(pool).suspend(pool, sub, by).await
    }

    async fn lift_suspension(&self, pool: &PoolId, sub: &Sub, partner: &PartnerId) -> Result<()> {
        self.of_pool(pool).lift_suspension(pool, sub, partner).await
    }

    async fn change_groups(
        &self,
        pool: &PoolId,
        username: &str,
        added: &[GroupName],
        removed: &[GroupName],
        by: Option<(&PartnerId, &Sub)>,
    ) -> Result<()> {
        self.of_pool(pool).change_groups(pool, username, added, removed, by).await
    }
}

#[async_trait]
impl Tenancy for Pools {
    async fn administered(&self, access_token: &Secret) -> Result<Option<Tenant>> {
        self.of_token(access_token).administered(access_token).await
    }

    async fn log_out(&self, refresh_token: &Secret) -> Result<()> {
        let place = self.find(|foreign| foreign.place.client_of(refresh_token).is_some());
        place.log_out(refresh_token).await
    }

    async fn credentials(&self, tenant: &Tenant, page: Page<'_>) -> Result<Listing<Credential>> {
        self.of_pool(&tenant.pool).credentials(tenant, page).await
    }

    async fn create_credential(
        &self,
        tenant: &Tenant,
        new: NewCredential,
    ) -> Result<(Credential, Secret)> {
        self.of_pool(&tenant.pool).create_credential(tenant, new).await
    }

    async fn delete_credential(&self, tenant: &Tenant, client_id: &Username) -> Result<()> {
        self.of_pool(&tenant.pool).delete_credential(tenant, client_id).await
    }
}
