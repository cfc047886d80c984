use crate::backend::administration::Listing;
use crate::change::Change;
use crate::crypto::secret::Secret;
use crate::entity::{
    AppClient, AuthFlow, ClientSecret, Rotation, TokenValidity, default_sso_minutes,
};
use crate::error::Result;
use crate::ids::{ClientId, PoolId, random_client_secret};
use crate::local::Local;
use crate::local::client_proof::client_secret_context;
use crate::local::cursor::Listed;
use crate::request::RequestContext;
use serde_json::{Map, Value};
use std::time::Duration;

/// Whether a new client gets a secret.
#[derive(Clone, Debug)]
pub enum NewSecret {
    /// It is a public client.
    None,
    /// A fresh one.
    Generate,
    /// The one given.
    Given(Secret),
}

/// An app client to be made.
#[derive(Clone, Debug)]
pub struct NewClient {
    /// The pool it belongs to.
    pub pool: PoolId,
    /// Its id; a fresh one if none is given.
    pub id: Option<ClientId>,
    /// Display name.
    pub name: String,
    /// Whether it gets a secret.
    pub secret: NewSecret,
    /// The flows it may use.
    pub flows: Vec<AuthFlow>,
    /// How long its tokens live.
    pub validity: TokenValidity,
    /// How long a challenge may wait for its answer.
    pub auth_session_validity: Duration,
    /// Whether refusals hide if a user exists.
    pub hides_users: bool,
    /// Whether its refresh tokens can be revoked.
    pub token_revocation: bool,
    /// Attributes its tokens may show; `None` means all.
    pub read_attributes: Option<Vec<String>>,
    /// Attributes users may write through it; `None` means the default.
    pub write_attributes: Option<Vec<String>>,
    /// Whether its refresh tokens are replaced at every use.
    pub rotation: Option<Rotation>,
    /// Settings to be given back as they are.
    pub other: Map<String, Value>,
}

impl NewClient {
    /// A public client with Cognito's defaults.
    pub fn named(pool: PoolId, name: impl Into<String>) -> Self {
        Self {
            pool,
            id: None,
            name: name.into(),
            secret: NewSecret::None,
            flows: vec![AuthFlow::RefreshToken, AuthFlow::UserSrp, AuthFlow::Custom],
            validity: TokenValidity::default(),
            auth_session_validity: Duration::from_mins(3),
            hides_users: false,
            token_revocation: true,
            read_attributes: None,
            write_attributes: None,
            rotation: None,
            other: Map::new(),
        }
    }
}

impl Local {
    /// Makes an app client. A secret is told here and, to administrators, by
    /// [`Self::reveal_client_secret`].
    ///
    /// # Errors
    ///
    /// `Refusal::PoolNotFound`; `Refusal::Invalid` (`ClientFlaw`) if there is a client of this id;
    /// faults on our side.
    pub async fn create_client(
        &self,
        request: &RequestContext,
        new: NewClient,
    ) -> Result<AppClient> {
        self.pool(request, &new.pool).await?;
        let now = self.now();
        let mut client = AppClient {
            pool: new.pool,
            id: new.id.unwrap_or_else(|| ClientId::random(self.rng())),
            name: new.name,
            secrets: Vec::new(),
            flows: new.flows,
            validity: new.validity,
            auth_session_validity: new.auth_session_validity,
            hides_users: new.hides_users,
            token_revocation: new.token_revocation,
            read_attributes: new.read_attributes,
            write_attributes: new.write_attributes,
            rotation: new.rotation,
            sso_minutes: default_sso_minutes(),
            other: new.other,
            created_at: now,
            modified_at: now,
            version: 1,
        };
        let secret = match new.secret {
            NewSecret::None => None,
            NewSecret::Generate => Some(random_client_secret(self.rng())),
            NewSecret::Given(secret) => Some(secret),
        };
        client.secrets = secret.iter().map(|secret| self.seal_secret(&client, secret)).collect();
        self.commit(request, vec![Change::CreateClient(Box::new(client.clone()))]).await?;
        Ok(client)
    }

    /// An app client.
    ///
    /// # Errors
    ///
    /// Faults on our side alone.
    pub async fn app_client(&self, id: &ClientId) -> Result<Option<AppClient>> {
        Ok(self.store().client(id).await?)
    }

    /// An app client of a pool (`DescribeUserPoolClient`).
    ///
    /// # Errors
    ///
    /// `Refusal::PoolNotFound`, `Refusal::ClientNotFound`; faults on our side.
    pub async fn describe_client(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        id: &ClientId,
    ) -> Result<AppClient> {
        Ok(self.client_of(request, id, Some(pool)).await?.1)
    }

    /// A page of a pool's app clients by id (`ListUserPoolClients`).
    ///
    /// # Errors
    ///
    /// `Refusal::PoolNotFound`; `Refusal::Invalid` (`Invalid::PaginationToken`);
    /// faults on our side.
    pub async fn list_clients(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<Listing<AppClient>> {
        let pool = self.pool(request, pool).await?.id;
        let listed = Listed { pool: &pool, what: "clients" };
        let after: Option<ClientId> = self.open_cursor(listed, cursor)?;
        let found = self.store().clients(&pool, after.as_ref(), limit.saturating_add(1)).await?;
        Ok(self.page(listed, found, limit, |client| client.id.clone()))
    }

    /// Removes an app client and ends the sign-ins made through it (`DeleteUserPoolClient`).
    ///
    /// # Errors
    ///
    /// `Refusal::PoolNotFound`, `Refusal::ClientNotFound`; faults on our side.
    pub async fn delete_client(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        id: &ClientId,
    ) -> Result<()> {
        let pool = self.pool(request, pool).await?.id;
        self.commit(request, vec![Change::DeleteClient { pool, id: id.clone() }]).await
    }

    /// Replaces the settings of a client that the operator declared otherwise than they are
    /// stored, and its secret if one is given.
    ///
    /// # Errors
    ///
    /// Faults on our side alone, `Fault::Contended` if the client has changed since it was read.
    pub async fn replace_client(
        &self,
        request: &RequestContext,
        client: AppClient,
        secret: Option<&Secret>,
    ) -> Result<()> {
        let mut client = AppClient { modified_at: self.now(), ..client };
        if let Some(secret) = secret {
            client.secrets = vec![self.seal_secret(&client, secret)];
        }
        self.commit(request, vec![Change::UpdateClient(Box::new(client))]).await
    }

    /// A confidential client's newest secret, as administrators may see it.
    ///
    /// # Errors
    ///
    /// Faults on our side alone.
    pub fn reveal_client_secret(&self, client: &AppClient) -> Result<Option<Secret>> {
        Ok(self.client_secrets(client)?.pop())
    }

    pub(in crate::local) fn seal_secret(
        &self,
        client: &AppClient,
        secret: &Secret,
    ) -> ClientSecret {
        let now = self.now();
        let id = |second: i64| format!("{}--{second}", client.id);
        let is_free = |second: &i64| client.secrets.iter().all(|kept| kept.id != id(*second));
        // Two that are made within a second have different ids all the same.
        let last =
            now.seconds().saturating_add(client.secrets.len().try_into().unwrap_or(i64::MAX));
        let second = (now.seconds()..=last).find(is_free).unwrap_or(last);
        ClientSecret {
            id: id(second),
            value: self.sealer().seal_secret(client_secret_context(client), secret, self.rng()),
            created_at: now,
        }
    }
}
