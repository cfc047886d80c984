use crate::backend::user_pool::{ClientProof, Refresh, SignedIn, Via};
use crate::change::Change;
use crate::crypto::secret::Secret;
use crate::entity::{AppClient, AuthFlow, Rotation, Session, UserPoolRecord};
use crate::error::{Error, Refusal, Result};
use crate::ids::{ClientId, DeviceKey};
use crate::local::Local;
use crate::local::client_proof::hashed_names;
use crate::local::commit::Plan;
use crate::request::RequestContext;
use crate::sign_in::{Candidate, check_admission};
use crate::token::{self, LiveSession, Scopes, check_session, open_refresh_token};
use std::time::Duration;

/// A refresh token that may be used, and by whom.
struct Usable {
    pool: UserPoolRecord,
    client: AppClient,
    live: LiveSession,
    candidate: Candidate,
    /// How often it took the place of another one.
    rotation: i64,
}

impl Local {
    /// New access and ID tokens for a refresh token (`REFRESH_TOKEN_AUTH`). Writes nothing.
    ///
    /// # Errors
    ///
    /// [`Refusal::PoolNotFound`], [`Refusal::ClientNotFound`], [`Refusal::FlowNotEnabled`];
    /// [`Refusal::SecretHashMissing`], [`Refusal::SecretHashWrong`],
    /// [`Refusal::ClientSecretWrong`]; [`Refusal::RefreshTokenInvalid`], also on another device or
    /// at another face than the sign-in was made at; [`Refusal::RefreshTokenExpired`],
    /// [`Refusal::RefreshTokenRevoked`], [`Refusal::RefreshTokenReused`];
    /// [`Refusal::UserDisabled`], [`Refusal::Barred`], [`Refusal::External`],
    /// [`Refusal::PartnerSuspended`]; [`Refusal::BadCredentials`] if the face is not for the user
    /// any more; faults on our side.
    pub async fn refresh_tokens(
        &self,
        request: &RequestContext,
        command: Refresh,
    ) -> Result<SignedIn> {
        let (pool, client) = self.client_in(request, &command.via).await?;
        if !client.allows(AuthFlow::RefreshToken) {
            return Err(Refusal::FlowNotEnabled("REFRESH_TOKEN_AUTH").into());
        }
        let usable = self.usable(request, (pool, client), &command).await?;
        // A client that replaces tokens no more honours the last one of each sign-in alone.
        if usable.rotation != usable.live.session().rotation {
            return Err(Refusal::RefreshTokenReused.into());
        }
        let keys = self.key_ring(&usable.pool.id).await?;
        let issuer = self.issuer(&usable.pool.id);
        let scopes = Scopes::self_service();
        let context = self.context(&usable.pool, &usable.client);
        let issuing = Self::issuing(context, &keys, (&issuer, &scopes));
        Ok(token::reissue(issuing, &usable.live, &usable.candidate.groups)?)
    }

    /// The same (`GetTokensFromRefreshToken`), and a new refresh token with clients that replace
    /// them at every use.
    ///
    /// One that was replaced works on for the client's grace period, and then leads to the token
    /// that took its place, so that a sign-in never has two that could be replaced in turn. Used
    /// later, it has been stolen, or its successor has: nobody can say which, so the sign-in ends.
    ///
    /// # Errors
    ///
    /// Those of [`Local::refresh_tokens`], of which [`Refusal::FlowNotEnabled`] only with clients
    /// that do not replace tokens.
    pub async fn exchange_refresh_token(
        &self,
        request: &RequestContext,
        command: Refresh,
    ) -> Result<SignedIn> {
        let (pool, client) = self.client_in(request, &command.via).await?;
        let Some(rotation) = client.rotation else {
            return self.refresh_tokens(request, command).await;
        };
        self.decide(request, || async {
            let known = (pool.clone(), client.clone());
            let usable = self.usable(request, known, &command).await?;
            self.plan_rotation(&usable, rotation).await
        })
        .await
    }

    async fn plan_rotation(&self, usable: &Usable, rule: Rotation) -> Result<Plan<SignedIn>> {
        let Usable { pool, client, live, candidate, rotation } = usable;
        let (session, now) = (live.session(), self.now());
        let (id, pool_id) = (session.id.clone(), session.pool.clone());
        let since = session.rotated_at.map_or(Duration::MAX, |at| now.since(at));
        let (change, next) = if *rotation == session.rotation {
            let change = Change::RotateSession { pool: pool_id, id, rotation: *rotation, at: now };
            (Some(change), rotation + 1)
        } else if rotation + 1 == session.rotation && since < rule.grace {
            (None, session.rotation)
        } else {
            let end = Change::RevokeSession { pool: pool_id, id, at: now };
            return Ok(Plan::refuse_with(Refusal::RefreshTokenReused, vec![end]));
        };
        let keys = self.key_ring(&pool.id).await?;
        let issuer = self.issuer(&pool.id);
        let scopes = Scopes::self_service();
        let issuing = Self::issuing(self.context(pool, client), &keys, (&issuer, &scopes));
        let signed_in = token::rotate(issuing, live, &candidate.groups, next)?;
        Ok(Plan::accept(signed_in, change.into_iter().collect()))
    }

    async fn usable(
        &self,
        request: &RequestContext,
        (pool, client): (UserPoolRecord, AppClient),
        command: &Refresh,
    ) -> Result<Usable> {
        // All but a hash can be checked before it is known whose token it is.
        let proof = &command.via.proof;
        if !matches!(proof, ClientProof::SecretHash(Some(_))) {
            self.check_proof(&client, proof, &[])?;
        }
        let token = &command.refresh_token;
        let token = open_refresh_token(&pool.id, &client.id, token, self.sealer())?;
        let session = self.store().session(&pool.id, &token.session).await?;
        let user = match &session {
            Some(session) => {
                request.note_user(&session.sub);
                self.store().user(&pool.id, &session.sub).await?
            }
            None => None,
        };
        self.check_proof(&client, proof, &hashed_names("", user.as_ref()))?;
        let live = check_session(&token, &client, session, user, self.now())?;
        let made_at = self.made_at(live.session());
        let entry_policy = self.entry_policy_of(&command.entry_policy, &client, made_at);
        if !entry_policy.face.is_open_to(made_at) || live.session().tenant != entry_policy.tenant {
            return Err(Refusal::RefreshTokenInvalid.into());
        }
        self.check_device(&pool, live.session(), command.device_key.as_ref()).await?;
        let candidate = self.with_groups(live.user().clone()).await?;
        let candidate = self.with_entry_facts(candidate, &entry_policy).await?;
        check_admission(&candidate, &entry_policy)?;
        Ok(Usable { pool, client, live, candidate, rotation: token.rotation })
    }

    /// In pools that track devices, a refresh token works only with the key of the device that it was issued
    /// to: a thief needs to know that key, too. The device must be confirmed, as at Amazon.
    async fn check_device(
        &self,
        pool: &UserPoolRecord,
        session: &Session,
        named: Option<&DeviceKey>,
    ) -> Result<()> {
        let (Some(_), Some(key)) = (pool.rules.devices, &session.device_key) else { return Ok(()) };
        let is_its_own = named == Some(key);
        if is_its_own && self.store().device(&pool.id, &session.sub, key).await?.is_some() {
            return Ok(());
        }
        Err(Refusal::RefreshTokenInvalid.into())
    }

    /// Ends the sign-in that a refresh token belongs to (`RevokeToken`), and with it its access
    /// tokens. A second time changes nothing.
    ///
    /// # Errors
    ///
    /// [`Refusal::PoolNotFound`], [`Refusal::ClientNotFound`]; [`Refusal::ClientSecretWrong`],
    /// [`Refusal::RevocationNotEnabled`]; [`Refusal::TokenNotRevocable`] for access and ID tokens;
    /// [`Refusal::RefreshTokenInvalid`] for what is no token at all; faults on our side.
    pub async fn revoke_token(
        &self,
        request: &RequestContext,
        client: &ClientId,
        token: &Secret,
        client_secret: Option<&Secret>,
    ) -> Result<()> {
        let (_, found) = self.client(request, client).await?;
        self.check_client_secret(&found, client_secret)?;
        if !found.token_revocation {
            return Err(Refusal::RevocationNotEnabled.into());
        }
        // Access and ID tokens have three parts, refresh tokens five.
        if token.expose().split('.').count() == 3 {
            return Err(Refusal::TokenNotRevocable.into());
        }
        let is_well_formed = token.expose().split('.').count() == 5;
        match self.revoke_refresh_token(request, &Via::trusted(client), token).await {
            // Nobody can use a token that is unknown: it is as good as revoked.
            Err(Error::Refused(Refusal::RefreshTokenInvalid)) if is_well_formed => Ok(()),
            revoked => revoked,
        }
    }

    pub(in crate::local) async fn revoke_refresh_token(
        &self,
        request: &RequestContext,
        via: &Via,
        token: &Secret,
    ) -> Result<()> {
        let (pool, client) = self.client_in(request, via).await?;
        self.check_proof(&client, &via.proof, &[])?;
        let token = open_refresh_token(&pool.id, &client.id, token, self.sealer())?;
        let (id, at) = (token.session, self.now());
        self.commit(request, vec![Change::RevokeSession { pool: pool.id, id, at }]).await
    }
}
