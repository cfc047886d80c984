use crate::backend::user_pool::Caller;
use crate::crypto::secret::Secret;
use crate::entity::{AppClient, Face, Group, Kind, Session, User, UserPoolRecord};
use crate::error::{Refusal, Result};
use crate::ids::{ClientId, DeviceKey, GroupName, SessionId, Sub, TenantId};
use crate::local::Local;
use crate::ports::{TokenNames, TokenRecords};
use crate::request::{Actor, RequestContext};
use crate::time::Timestamp;
use crate::token::{check_access_token, pool_of_issuer, unverified_issuer};

/// An access token that was checked, with the records it leads to.
#[derive(Clone, Debug)]
pub struct Authorized {
    /// The pool.
    pub pool: UserPoolRecord,
    /// The app client.
    pub client: AppClient,
    /// The user, as of now.
    pub user: User,
    /// What the token says.
    pub caller: Caller,
    /// When the sign-in was completed that the token comes from.
    pub signed_in_at: Timestamp,
}

impl Local {
    /// Checks an access token of any pool and client that is shown at Cognito's protocol.
    ///
    /// # Errors
    ///
    /// [`Refusal::AccessTokenInvalid`], also for the token of a sign-in at another face;
    /// [`Refusal::AccessTokenExpired`], [`Refusal::AccessTokenRevoked`],
    /// [`Refusal::AccessTokenLacksScope`], [`Refusal::UserDisabled`]; [`Refusal::Barred`] and
    /// [`Refusal::PartnerSuspended`] where the partner API keeps the user out;
    /// [`Refusal::PoolNotFound`] if the pool is removed meanwhile; faults on our side.
    pub async fn authorize(&self, request: &RequestContext, token: &Secret) -> Result<Authorized> {
        let (authorized, session) = self.open_access_token(request, token).await?;
        self.check_use(&authorized, session.as_ref(), Face::Cognito).await?;
        Ok(authorized)
    }

    /// The same for a call that changes what its user signs in by. That is for people: whoever has a
    /// machine's secret must not be able to keep the account.
    pub(in crate::local) async fn authorize_person(
        &self,
        request: &RequestContext,
        token: &Secret,
    ) -> Result<Authorized> {
        let authorized = self.authorize(request, token).await?;
        match authorized.user.kind {
            Kind::Person => Ok(authorized),
            Kind::Service => Err(Refusal::AccessTokenLacksScope.into()),
        }
    }

    /// Checks an access token that is shown at this face, and gives the user's groups, too.
    pub(in crate::local) async fn authorize_with_groups(
        &self,
        request: &RequestContext,
        token: &Secret,
        face: Face,
    ) -> Result<(Authorized, Vec<Group>)> {
        let (authorized, session) = self.open_access_token(request, token).await?;
        let user = self.check_use_with_groups(&authorized, session.as_ref(), face).await?;
        Ok((authorized, user.groups))
    }

    /// An access token whose sign-in still stands. At which faces it is good is another question.
    pub(in crate::local) async fn open_access_token(
        &self,
        request: &RequestContext,
        token: &Secret,
    ) -> Result<(Authorized, Option<Session>)> {
        let invalid = || Refusal::AccessTokenInvalid;
        let issuer = unverified_issuer(token).ok_or_else(invalid)?;
        let id = pool_of_issuer(&issuer).ok_or_else(invalid)?;
        let keys = self.keys_to_check(&id).await?.ok_or_else(invalid)?;
        let claims = check_access_token(&keys, &self.issuer(&id), token, self.now())?;
        let names = TokenNames {
            client: ClientId::from(claims.client_id.as_str()),
            session: claims.origin_jti.as_deref().map(SessionId::from),
            sub: Sub::from(claims.sub.as_str()),
        };
        let found = self.store().token_records(&id, &names).await?.ok_or_else(invalid)?;
        let TokenRecords { pool, client, session: stored, user } = found;
        claims.check_not_revoked(stored.as_ref(), user.as_ref())?;
        if !claims.scope.allow_self_service() {
            return Err(Refusal::AccessTokenLacksScope.into());
        }
        // One of another pool has taken the id of the one that the token names.
        let client = client.filter(|client| client.pool == id);
        let (Some(client), Some(user)) = (client, user) else {
            return Err(Refusal::AccessTokenRevoked.into());
        };
        let caller = Caller {
            pool: pool.id.clone(),
            sub: user.sub.clone(),
            username: user.username.clone(),
            client: client.id.clone(),
            session: names.session,
            device_key: claims.device_key.map(DeviceKey::new),
            groups: claims.groups.into_iter().map(GroupName::new).collect(),
            expires_at: Timestamp::from_seconds(claims.exp),
            tenant: claims.tenant_id.map(TenantId::new),
        };
        let signed_in_at = Timestamp::from_seconds(claims.auth_time);
        request.note_client(&pool.id, &client.id);
        request.note_user(&user.sub);
        request.note_actor(Actor::User(user.sub.clone()));
        Ok((Authorized { pool, client, user, caller, signed_in_at }, stored))
    }
}
