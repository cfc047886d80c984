//! User pools that live here: the engine over a [`Store`].
//!
//! Every verb goes the same way: load, decide, commit, tell. A commit that finds the world changed
//! since it was loaded is decided anew, here and nowhere else.

mod account;
mod client_proof;
mod commit;
mod cursor;
mod directory;
mod names;
mod notices;
mod operator;
mod sign_in;

pub use account::devices::NewDeviceSecret;
pub use account::named::Named;
pub use account::sessions::ListedSession;
pub use directory::clients::{NewClient, NewSecret};
pub use directory::groups::GroupEdit;
pub use directory::pool_settings::{MfaConfig, PoolSettings};
pub use directory::pools::NewPool;
pub use operator::delivery::{
    Attempt, Claimed, Claims, GivenUp, LEASE, LONGEST_PAUSE, Retry, Sent,
};
pub use operator::key_admin::{KeyRevocation, KeyRotation, ListedKey};
pub use operator::lockouts::Failures;
pub use operator::outbox::InboxEntry;
pub use operator::tenants::NewTenant;
pub use sign_in::authenticate::Authorized;
pub use sign_in::device_sign_in::{DeviceChallenge, DeviceProof, DeviceSrp};
pub use sign_in::face_rules::FaceClient;
pub use sign_in::password_sign_in::PasswordSignIn;
pub use sign_in::srp_sign_in::{PasswordClaim, SrpChallenge, SrpSignIn};
pub use sign_in::user_auth::{FirstAnswer, FirstQuestion, FirstStep, UserAuth};

use self::names::own_names;
use crate::backend::administrators::Administrators;
use crate::backend::entry_policy::EntryPolicy;
use crate::backend::partners::PartnerGroups;
use crate::backend::user_pool::{
    Caller, Directory, Outcome, Profile, Refresh, Respond, SignIn, SignedIn, UserPool, Via,
};
use crate::crypto::master_keys::{self, MasterKeyProblem, Rotation};
use crate::crypto::seal::Sealer;
use crate::crypto::secret::Secret;
use crate::entity::{
    AliasKey, AppClient, Face, Grant, Kind, Partner, Tenant, User, UserPoolRecord,
};
use crate::error::{Refusal, Result};
use crate::ids::{ClientId, GroupName, PartnerId, PoolId, Sub};
use crate::limits::quota::MessageLimits;
use crate::ports::{Observer, Store, UserNames, UserOrOther, Workers};
use crate::request::{Reason, RequestContext};
use crate::sign_in::{Candidate, DecisionContext, DeviceClaim, Machine};
use crate::system::{Clock, Rng};
use crate::time::Timestamp;
use crate::token::{Issuing, KeyRing, Scopes};
use async_trait::async_trait;
use std::sync::Arc;

/// What the engine stands on.
#[derive(Clone)]
pub struct Parts {
    /// Keeps the records.
    pub store: Arc<dyn Store>,
    /// Hashes passwords and makes keys.
    pub workers: Arc<dyn Workers>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Gives random bytes.
    pub rng: Arc<dyn Rng>,
    /// Holds the master key.
    pub sealer: Arc<Sealer>,
    /// Receives every event.
    pub observer: Arc<dyn Observer>,
}

/// What the operator decides about all pools.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where new pools' ids begin, e.g. `us-east-1`.
    pub region: String,
    /// The account number in ARNs, 12 digits.
    pub account: String,
    /// What stands before `/<pool id>` in issuers, without a final slash.
    pub issuer_base: String,
    /// The groups that machine credentials may be put into.
    pub grants: Vec<GroupName>,
    /// How many messages are sent.
    pub messages: MessageLimits,
    /// The app clients that serve the partner API and the portal API, each of them one.
    pub faces: Vec<FaceClient>,
    /// Who administers pools through the portal API.
    pub administrators: Vec<Administrators>,
    /// The groups that mean something to the partner API.
    pub partner_groups: PartnerGroups,
    /// The pools that live elsewhere. What is kept here of them are the names that partners,
    /// permissions and tenants refer to.
    pub elsewhere: Vec<PoolId>,
}

/// The engine over a store.
pub struct Local {
    parts: Parts,
    settings: Settings,
    key_rings: operator::keys::Cache,
    decoy: sign_in::decoy::Decoy,
}

impl Local {
    /// An engine; nothing is loaded yet.
    pub fn new(parts: Parts, settings: Settings) -> Self {
        let decoy = sign_in::decoy::Decoy::new(&parts);
        Self { parts, settings, key_rings: operator::keys::Cache::default(), decoy }
    }

    /// The operator's settings.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The `iss` of a pool's tokens.
    pub fn issuer(&self, pool: &PoolId) -> String {
        format!("{}/{pool}", self.settings.issuer_base)
    }

    /// Removes a portion of the records that have lost their meaning. Whether more is left: if not, to
    /// be called again in a second or so.
    ///
    /// # Errors
    ///
    /// Faults on our side alone.
    pub async fn sweep(&self) -> Result<bool> {
        // What fails in one must not keep the other from being done.
        let swept = self.store().sweep(self.now()).await;
        let unconfirmed = self.remove_unconfirmed().await?;
        Ok(swept? || unconfirmed)
    }

    /// Has the engine seal under the master key that the database says ([`master_keys::follow`]).
    ///
    /// # Errors
    ///
    /// [`MasterKeyProblem::Wrong`] and [`MasterKeyProblem::Unfinished`] if a key that is needed is
    /// not held here; [`MasterKeyProblem::Contended`] and [`MasterKeyProblem::Store`].
    pub async fn follow_master_keys(&self) -> std::result::Result<bool, MasterKeyProblem> {
        master_keys::follow(self.store(), self.sealer()).await
    }

    /// The replacement of the master key by the configured one.
    pub fn master_key_rotation(&self) -> Rotation<'_> {
        Rotation { store: self.store(), sealer: self.sealer(), rng: self.rng() }
    }

    /// What hears of everything that happens.
    pub fn observer(&self) -> Arc<dyn Observer> {
        Arc::clone(&self.parts.observer)
    }

    /// What seals here.
    pub fn shared_sealer(&self) -> Arc<Sealer> {
        Arc::clone(&self.parts.sealer)
    }

    fn now(&self) -> Timestamp {
        self.parts.clock.now()
    }

    fn store(&self) -> &dyn Store {
        &*self.parts.store
    }

    fn rng(&self) -> &dyn Rng {
        &*self.parts.rng
    }

    fn sealer(&self) -> &Sealer {
        &self.parts.sealer
    }

    /// A pool's settings.
    ///
    /// # Errors
    ///
    /// [`Refusal::PoolNotFound`]; faults on our side.
    pub async fn pool(&self, request: &RequestContext, id: &PoolId) -> Result<UserPoolRecord> {
        let pool = self.store().pool(id).await?;
        let pool = pool.ok_or_else(|| Refusal::PoolNotFound(id.clone()))?;
        request.note_pool(&pool.id);
        Ok(pool)
    }

    async fn client(
        &self,
        request: &RequestContext,
        id: &ClientId,
    ) -> Result<(UserPoolRecord, AppClient)> {
        let client = self.store().client(id).await?;
        let client = client.ok_or_else(|| Refusal::ClientNotFound(id.clone()))?;
        request.note_client(&client.pool, &client.id);
        Ok((self.pool(request, &client.pool).await?, client))
    }

    fn context<'a>(
        &'a self,
        pool: &'a UserPoolRecord,
        client: &'a AppClient,
    ) -> DecisionContext<'a> {
        DecisionContext { pool, client, sealer: self.sealer(), rng: self.rng(), now: self.now() }
    }

    fn issuing<'a>(
        context: DecisionContext<'a>,
        keys: &'a KeyRing,
        (issuer, scopes): (&'a str, &'a Scopes),
    ) -> Issuing<'a> {
        let DecisionContext { pool, client, sealer, rng, now } = context;
        Issuing { pool, client, keys, issuer, scopes, sealer, rng, now }
    }

    /// The user that a name leads to at a face. If it leads to nobody, as much is read and parsed
    /// of somebody else.
    async fn find_candidate(
        &self,
        request: &RequestContext,
        pool: &UserPoolRecord,
        name: &str,
        entry_policy: &EntryPolicy,
    ) -> Result<Found> {
        let found = self.look_up(pool, &own_names(pool, name), name).await?;
        let tenant = entry_policy.tenant.clone();
        let face = entry_policy.face;
        let candidate = found.candidate.map(|candidate| Candidate { face, tenant, ..candidate });
        if let Some(candidate) = &candidate {
            request.note_user(&candidate.user.sub);
            if !candidate.is_expected(entry_policy) {
                request.note_reason(Reason::NotExpectedHere);
            }
        }
        let candidate = candidate.filter(|candidate| candidate.is_expected(entry_policy));
        Ok(Found { candidate, ..found })
    }

    /// The user whom a sign-in in progress is about, or nobody, by the same work as before: `name` is
    /// the one that it was begun with.
    async fn candidate_of(
        &self,
        request: &RequestContext,
        pool: &UserPoolRecord,
        sub: Option<&Sub>,
        name: &str,
    ) -> Result<Found> {
        let mut names = own_names(pool, name);
        if let Some(sub) = sub {
            // As many lookups, of which one alone can lead to somebody.
            names.username_key.clear();
            names.alias_keys.iter_mut().for_each(AliasKey::clear);
            names.sub = sub.clone();
        }
        let found = self.look_up(pool, &names, name).await?;
        let candidate = found.candidate.filter(|candidate| Some(&candidate.user.sub) == sub);
        if let Some(candidate) = &candidate {
            request.note_user(&candidate.user.sub);
        }
        Ok(Found { candidate, ..found })
    }

    async fn look_up(&self, pool: &UserPoolRecord, names: &UserNames, name: &str) -> Result<Found> {
        let place = self.place_of_nobody(pool, name);
        let (user, is_named) = match self.store().user_or_other(&pool.id, names, &place).await? {
            Some(UserOrOther::Named(user)) => (user, true),
            Some(UserOrOther::Other(user)) => (user, false),
            None => {
                self.store().groups_of(&pool.id, &names.sub).await?;
                return Ok(Found { candidate: None, other: None });
            }
        };
        let candidate = self.with_groups(user).await?;
        Ok(if is_named {
            Found { candidate: Some(candidate), other: None }
        } else {
            let other = Some(candidate.user).filter(|other| other.pool == pool.id);
            Found { candidate: None, other }
        })
    }

    async fn with_groups(&self, user: User) -> Result<Candidate> {
        let groups = self.store().groups_of(&user.pool, &user.sub).await?;
        let machine = match user.kind {
            Kind::Person => Machine::No,
            Kind::Service => Machine::Unasked,
        };
        Ok(Candidate {
            user,
            groups,
            machine,
            face: Face::default(),
            claim: DeviceClaim::Untracked,
            device: None,
            is_trusted: false,
            partners: None,
            tenant: None,
        })
    }
}

/// Where a name has led.
struct Found {
    /// The user, with groups.
    candidate: Option<Candidate>,
    /// Somebody else in the pool, in place of nobody: what is invented about nobody looks like that.
    other: Option<User>,
}

#[async_trait]
impl UserPool for Local {
    async fn sign_in(&self, request: &RequestContext, command: SignIn) -> Result<Outcome> {
        self.password_sign_in(request, PasswordSignIn::trusted(command)).await
    }

    async fn respond(&self, request: &RequestContext, command: Respond) -> Result<Outcome> {
        self.answer_challenge(request, command).await
    }

    async fn refresh(&self, request: &RequestContext, command: Refresh) -> Result<SignedIn> {
        self.refresh_tokens(request, command).await
    }

    async fn revoke(
        &self,
        request: &RequestContext,
        via: &Via,
        refresh_token: &Secret,
    ) -> Result<()> {
        self.revoke_refresh_token(request, via, refresh_token).await
    }

    async fn authenticate(
        &self,
        request: &RequestContext,
        face: Face,
        client: &ClientId,
        access_token: &Secret,
    ) -> Result<(Caller, Option<Profile>)> {
        let (authorized, session) = self.open_access_token(request, access_token).await?;
        if authorized.caller.client != *client {
            return Err(Refusal::AccessTokenInvalid.into());
        }
        let user = self.check_use_with_groups(&authorized, session.as_ref(), face).await?;
        let Authorized { pool, caller, .. } = authorized;
        let Candidate { user, groups, partners, .. } = user;
        let profile = crate::sign_in::profile(&pool, &user, &groups);
        Ok((caller, Some(Profile { partners, ..profile })))
    }

    async fn profile(
        &self,
        request: &RequestContext,
        _: &ClientId,
        caller: &Caller,
    ) -> Result<Profile> {
        let pool = self.pool(request, &caller.pool).await?;
        let user = self.store().user(&pool.id, &caller.sub).await?;
        let user = user.ok_or(Refusal::UserNotFound)?;
        let groups = self.store().groups_of(&pool.id, &user.sub).await?;
        Ok(crate::sign_in::profile(&pool, &user, &groups))
    }
}

#[async_trait]
impl Directory for Local {
    async fn partner(&self, pool: &PoolId, id: &PartnerId) -> Result<Option<Partner>> {
        Ok(self.store().partner(pool, id).await?)
    }

    async fn grants(&self, pool: &PoolId, groups: &[GroupName]) -> Result<Vec<Grant>> {
        Ok(self.store().grants(pool, groups).await?)
    }

    async fn tenant_or_other(&self, name: &str) -> Result<Option<Tenant>> {
        Ok(self.store().tenant_or_other(&Tenant::key(name)).await?)
    }
}
