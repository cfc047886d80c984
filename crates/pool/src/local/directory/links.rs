use crate::change::Change;
use crate::entity::{AliasKey, Attributes, Identity, SourceIdentity, User};
use crate::error::{AccountFlaw, Counted, Refusal, Result};
use crate::ids::{PoolId, Sub};
use crate::local::Local;
use crate::local::commit::Plan;
use crate::ports::UserNames;
use crate::request::RequestContext;

const IDENTITIES: &str = "identities";
const MOST: usize = 5;

impl Local {
    /// Links a profile at an identity provider to a user (`AdminLinkProviderForUser`): whoever
    /// signs in there is this user.
    ///
    /// # Errors
    ///
    /// [`Refusal::PoolNotFound`], [`Refusal::UserNotFound`]; [`Refusal::Invalid`] ([`AccountFlaw`])
    /// if the profile is linked already; [`Refusal::TooMany`] if the user has five;
    /// faults on our side.
    pub async fn link_identity(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        username: &str,
        source: &SourceIdentity,
    ) -> Result<()> {
        let pool = self.pool(request, pool).await?;
        let key = source.key();
        self.decide(request, || async {
            let mut user = self.get_user_in(request, &pool, username).await?;
            let linked = self.store().find_user(&pool.id, &by_link(&key)).await?;
            if linked.is_some_and(|linked| linked.sub == user.sub) {
                return Err(Refusal::invalid(AccountFlaw::IdentityLinked).into());
            }
            let mut identities = identities(&user.attributes);
            if identities.len() >= MOST {
                return Err(Refusal::TooMany(Counted::LinkedIdentities { most: MOST }).into());
            }
            identities.push(Identity {
                user_id: source.value.clone(),
                provider_name: source.provider.clone(),
                provider_type: source.provider_type(),
                issuer: None,
                primary: false,
                date_created: self.now().millis().to_string(),
            });
            let (pool, sub) = (pool.id.clone(), user.sub.clone());
            let add = Change::AddAlias { pool, sub, key: key.clone() };
            let changes = vec![add, self.with_identities(&mut user, &identities)];
            Ok(Plan::accept((), changes))
        })
        .await
    }

    /// Undoes a link (`AdminDisableProviderForUser`).
    ///
    /// # Errors
    ///
    /// [`Refusal::PoolNotFound`]; [`Refusal::UserNotFound`] if it is linked to nobody;
    /// faults on our side.
    pub async fn unlink_identity(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        source: &SourceIdentity,
    ) -> Result<()> {
        let pool = self.pool(request, pool).await?;
        let key = source.key();
        self.decide(request, || async {
            let user = self.store().find_user(&pool.id, &by_link(&key)).await?;
            let mut user = user.ok_or(Refusal::UserNotFound)?;
            request.note_user(&user.sub);
            let mut identities = identities(&user.attributes);
            let is_it = |identity: &Identity| {
                identity.provider_name == source.provider && identity.user_id == source.value
            };
            if let Some(at) = identities.iter().position(is_it) {
                identities.remove(at);
            }
            let (pool, sub) = (pool.id.clone(), user.sub.clone());
            let remove = Change::RemoveAlias { pool, sub, key: key.clone() };
            let changes = vec![remove, self.with_identities(&mut user, &identities)];
            Ok(Plan::accept((), changes))
        })
        .await
    }

    fn with_identities(&self, user: &mut User, identities: &[Identity]) -> Change {
        // An empty value removes the attribute.
        let text = match identities {
            [] => String::new(),
            some => serde_json::to_string(some).unwrap_or_default(),
        };
        user.attributes.set(IDENTITIES, text);
        user.modified_at = self.now();
        Change::UpdateUser(Box::new(user.clone()))
    }
}

/// A lookup by link alone: a username could look like one.
fn by_link(key: &AliasKey) -> UserNames {
    let (username_key, sub) = (String::new(), Sub::from(""));
    UserNames { username_key, sub, alias_keys: vec![key.clone()] }
}

fn identities(attributes: &Attributes) -> Vec<Identity> {
    let kept = attributes.get(IDENTITIES).and_then(|text| serde_json::from_str(text).ok());
    kept.unwrap_or_default()
}
