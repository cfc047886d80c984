use crate::change::Change;
use crate::crypto::secret::Secret;
use crate::entity::{AppClient, ClientSecret};
use crate::error::{ClientFlaw, Counted, Refusal, Result};
use crate::ids::{ClientId, PoolId, random_client_secret};
use crate::local::commit::Plan;
use crate::local::{Local, NewClient};
use crate::request::RequestContext;

/// How many secrets a client can have: one to change over to.
const MOST_SECRETS: usize = 2;

impl Local {
    /// Replaces the settings of an app client as it was read (`UpdateUserPoolClient`). Of `new`, the
    /// pool, the id and the secret are not looked at; without a name it keeps its own.
    ///
    /// # Errors
    ///
    /// Faults on our side alone; `Fault::Contended` if the client has changed since it was read.
    pub async fn update_client(
        &self,
        request: &RequestContext,
        mut client: AppClient,
        new: NewClient,
    ) -> Result<AppClient> {
        replace(&mut client, new);
        client.modified_at = self.now();
        let update = Change::UpdateClient(Box::new(client.clone()));
        self.commit(request, vec![update]).await?;
        Ok(client)
    }

    /// Gives a confidential client one more secret (`AddUserPoolClientSecret`), this one or a
    /// fresh one. The secret is told here and never again.
    ///
    /// # Errors
    ///
    /// [`Refusal::PoolNotFound`], [`Refusal::ClientNotFound`]; [`Refusal::Invalid`]
    /// ([`ClientFlaw`]) for public clients; [`Refusal::TooMany`] if it has two; faults on our side.
    pub async fn add_client_secret(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        id: &ClientId,
        given: Option<Secret>,
    ) -> Result<(ClientSecret, Secret)> {
        let secret = given.unwrap_or_else(|| random_client_secret(self.rng()));
        let client = self
            .edit_client(request, pool, id, |client| {
                match client.secrets.len() {
                    0 => return Err(Refusal::invalid(ClientFlaw::Public)),
                    MOST_SECRETS.. => {
                        return Err(Refusal::TooMany(Counted::ClientSecrets {
                            most: MOST_SECRETS,
                        }));
                    }
                    _ => {}
                }
                let new = self.seal_secret(client, &secret);
                client.secrets.push(new);
                Ok(())
            })
            .await?;
        let added = client.secrets.last().cloned();
        Ok((added.ok_or_else(|| Refusal::ClientNotFound(id.clone()))?, secret))
    }

    /// Withdraws a secret (`DeleteUserPoolClientSecret`). The last one stays: without it the
    /// client would be a public one.
    ///
    /// # Errors
    ///
    /// [`Refusal::PoolNotFound`], [`Refusal::ClientNotFound`]; [`Refusal::ClientSecretNotFound`];
    /// [`Refusal::Invalid`] ([`ClientFlaw`]) for the last one; faults on our side.
    pub async fn delete_client_secret(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        id: &ClientId,
        secret: &str,
    ) -> Result<()> {
        self.edit_client(request, pool, id, |client| {
            let count = client.secrets.len();
            client.secrets.retain(|kept| kept.id != secret);
            match (count, client.secrets.len()) {
                (before, now) if before == now => {
                    Err(Refusal::ClientSecretNotFound(secret.to_owned()))
                }
                (_, 0) => Err(Refusal::invalid(ClientFlaw::LastSecret)),
                _ => Ok(()),
            }
        })
        .await
        .map(drop)
    }

    /// Changes a client as of now, whatever happens to it at the same time.
    async fn edit_client(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        id: &ClientId,
        edit: impl Fn(&mut AppClient) -> Result<(), Refusal>,
    ) -> Result<AppClient> {
        self.decide(request, || async {
            let mut client = self.describe_client(request, pool, id).await?;
            edit(&mut client)?;
            client.modified_at = self.now();
            let update = Change::UpdateClient(Box::new(client.clone()));
            let plan = Plan::accept(client, vec![update]);
            Ok(plan)
        })
        .await
    }
}

fn replace(client: &mut AppClient, new: NewClient) {
    // All members by name: a new one must not be forgotten here.
    let NewClient {
        pool: _,
        id: _,
        secret: _,
        name,
        flows,
        validity,
        auth_session_validity,
        hides_users,
        token_revocation,
        rotation,
        read_attributes,
        write_attributes,
        other,
    } = new;
    if !name.is_empty() {
        client.name = name;
    }
    client.flows = flows;
    client.validity = validity;
    client.auth_session_validity = auth_session_validity;
    client.hides_users = hides_users;
    client.token_revocation = token_revocation;
    client.rotation = rotation;
    client.read_attributes = read_attributes;
    client.write_attributes = write_attributes;
    client.other = other;
}
