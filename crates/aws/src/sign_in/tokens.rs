//! What becomes of tokens: refresh, revocation, and the check of access tokens.

use crate::amazon::Amazon;
use crate::connection::call::Repeat;
use crate::connection::settings::AppClient;
use crate::connection::trouble::Purpose;
use crate::convert::missing;
use crate::sign_in::context::SignInContext;
use crate::sign_in::outcome::unfit;
use crate::sign_in::step::group_names;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use poolkeeper_pool::backend::user_pool::{Caller, Refresh, SignedIn};
use poolkeeper_pool::crypto::seal::{SealPurpose, Sealed};
use poolkeeper_pool::crypto::secret::Secret;
use poolkeeper_pool::error::{Error, Refusal, Result};
use poolkeeper_pool::ids::{ClientId, DeviceKey, SessionId, Sub, TenantId, Username};
use poolkeeper_pool::request::{Actor, RequestContext};
use poolkeeper_pool::time::Timestamp;
use serde::{Deserialize, Serialize};

/// What our own refresh tokens begin with. Like Amazon's they have five parts, as an encrypted JWT
/// has. The first one is `{"poolkeeper":1}`, and the three in the middle are empty.
const WRAPPED: &str = "eyJwb29sa2VlcGVyIjoxfQ....";

/// A refresh token together with what Amazon does not know, or wants to hear again.
#[derive(Serialize, Deserialize)]
pub(crate) struct Wrapped {
    /// Amazon's refresh token.
    pub(crate) token: Secret,
    /// The device that the sign-in was made on.
    pub(crate) device: Option<DeviceKey>,
    /// The tenant that it is for.
    pub(crate) tenant: Option<TenantId>,
}

impl Amazon {
    pub(crate) async fn refresh_tokens(
        &self,
        request: &RequestContext,
        command: Refresh,
    ) -> Result<SignedIn> {
        let client = self.client(request, &command.via.client)?;
        let Wrapped { token, device, tenant } =
            self.unwrap_refresh_token(&client.id, &command.refresh_token);
        if tenant != command.entry_policy.tenant {
            return Err(Refusal::RefreshTokenInvalid.into());
        }
        let device = command.device_key.or(device);
        let secret = client.secret.as_ref().map(|secret| secret.expose().to_owned());
        let call = self.sdk.get_tokens_from_refresh_token().client_id(client.id.as_str());
        let call = call
            .refresh_token(token.expose())
            .set_client_secret(secret)
            .set_device_key(device.as_ref().map(DeviceKey::to_string));
        // With rotation, a repetition would find the token used.
        let answer = self.call(Repeat::Never, Purpose::Refresh, || call.clone().send()).await?;
        let result = answer.authentication_result.ok_or_else(|| missing("tokens"))?;
        let access = Secret::from(result.access_token().unwrap_or_default());
        let claims = self.keys.check(&access, self.now()).await.map_err(unfit)?;
        let known = self.known_by_tokens(request, &claims, &result).await?;
        self.admit(&known, &command.entry_policy).await?;
        let typed = claims.username.as_str();
        let context = SignInContext {
            client,
            entry_policy: &command.entry_policy,
            device: None,
            typed,
            remember: false,
            answered: None,
        };
        // What took the token's place belongs to the same device.
        self.signed_in(request, context, device.as_ref(), known, result).await
    }

    /// Ends the sign-in of a refresh token. Dead ones are no error to Amazon.
    pub(crate) async fn revoke_token(&self, client: &AppClient, token: &str) -> Result<()> {
        let secret = client.secret.as_ref().map(|secret| secret.expose().to_owned());
        let call = self.sdk.revoke_token().client_id(client.id.as_str());
        let call = call.token(token).set_client_secret(secret);
        self.call(Repeat::Safely, Purpose::Refresh, || call.clone().send()).await?;
        Ok(())
    }

    /// Checks an access token by the pool's keys and, if that is set, at Amazon.
    pub(crate) async fn check_access_token(
        &self,
        request: &RequestContext,
        client: &AppClient,
        token: &Secret,
    ) -> Result<Caller> {
        let claims = self.keys.check(token, self.now()).await?;
        if claims.client_id != client.id.as_str() {
            return Err(Refusal::AccessTokenInvalid.into());
        }
        if self.settings.check_revocation {
            let user = self.user_of_token(token, Purpose::AccessToken).await?;
            self.recent.keep_user(user, self.now());
        }
        if !claims.scope.allow_self_service() {
            return Err(Refusal::AccessTokenLacksScope.into());
        }
        let session = claims.origin_jti.map(SessionId::new);
        let tenant = match &session {
            Some(id) => self.parts.tenants.tenant_of_sign_in(&self.settings.pool, id).await?,
            None => None,
        };
        let sub = Sub::new(claims.sub);
        request.note_user(&sub);
        request.note_actor(Actor::User(sub.clone()));
        Ok(Caller {
            pool: self.settings.pool.clone(),
            sub,
            username: Username::new(claims.username),
            client: client.id.clone(),
            session,
            device_key: claims.device_key.map(DeviceKey::new),
            groups: group_names(claims.groups),
            expires_at: Timestamp::from_seconds(claims.exp),
            tenant,
        })
    }

    /// Refuses to change an account by the token of a tenant's sign-in, which is the tenant's alone, or of
    /// a program.
    pub(crate) async fn check_own(&self, token: &Secret) -> Result<()> {
        let claims = self.keys.check(token, self.now()).await?;
        if group_names(claims.groups).contains(&self.settings.service_group) {
            return Err(Refusal::AccessTokenLacksScope.into());
        }
        let (pool, sub) = (&self.settings.pool, Sub::new(claims.sub));
        let tenant = match claims.origin_jti.map(SessionId::new) {
            Some(id) => self.parts.tenants.tenant_of_sign_in(pool, &id).await?,
            None => None,
        };
        let machine = self.parts.tenants.tenant_of_machine(pool, &sub).await?;
        if tenant.or(machine).is_some() {
            return Err(Refusal::AccessTokenInvalid.into());
        }
        Ok(())
    }

    /// The refresh token that callers get: Amazon's own, if there is nothing to say beside it.
    pub(crate) fn wrap_refresh_token(&self, client: &ClientId, wrapped: Wrapped) -> Secret {
        if wrapped.device.is_none() && wrapped.tenant.is_none() {
            return wrapped.token;
        }
        let context = self.context(SealPurpose::RefreshToken, client);
        let sealed = self.parts.sealer.seal_record(context, &wrapped, self.parts.rng.as_ref());
        Secret::new(format!("{WRAPPED}{}", BASE64.encode(sealed.as_bytes())))
    }

    /// Amazon's refresh token, and what goes with it. What does not open is Amazon's to refuse.
    pub(crate) fn unwrap_refresh_token(&self, client: &ClientId, token: &Secret) -> Wrapped {
        let opened = self.open_refresh_token(client, token);
        opened.unwrap_or_else(|| Wrapped { token: token.clone(), device: None, tenant: None })
    }

    fn open_refresh_token(&self, client: &ClientId, token: &Secret) -> Option<Wrapped> {
        let bytes = BASE64.decode(token.expose().strip_prefix(WRAPPED)?).ok()?;
        let context = self.context(SealPurpose::RefreshToken, client);
        self.parts.sealer.open_record(context, &Sealed::from_bytes(bytes)).ok()
    }

    /// The app client of a refresh token that is one of ours.
    pub fn client_of(&self, refresh_token: &Secret) -> Option<ClientId> {
        let ids = self.settings.clients.iter().map(|client| &client.id);
        let opens = |id: &&ClientId| self.open_refresh_token(id, refresh_token).is_some();
        ids.into_iter().find(opens).cloned()
    }

    /// The user an access token belongs to, as the token says.
    pub(crate) async fn owner(&self, token: &Secret) -> Result<String, Error> {
        Ok(self.keys.check(token, self.now()).await?.username)
    }
}
