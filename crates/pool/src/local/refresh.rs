use super::password_sign_in::hashed_names;
use super::{ClientProof, Local};
use crate::change::Change;
use crate::entity::AuthFlow;
use crate::error::{Error, Refusal, Result};
use crate::ids::{ClientId, PoolId};
use crate::secret::Secret;
use crate::sign_in::check_admission;
use crate::token::{self, check_session, open_refresh_token};
use crate::user_pool::{Refresh, SignedIn};

impl Local {
    /// New access and ID tokens for a refresh token. Writes nothing.
    pub async fn refresh_tokens(
        &self,
        command: Refresh,
        pool: Option<&PoolId>,
        proof: &ClientProof,
    ) -> Result<SignedIn> {
        let (pool, client) = self.client_in(&command.client, pool).await?;
        if !client.allows(AuthFlow::RefreshToken) {
            return Err(Refusal::FlowNotEnabled("REFRESH_TOKEN_AUTH").into());
        }
        // All but a hash can be checked before it is known whose token it is.
        if !matches!(proof, ClientProof::SecretHash(Some(_))) {
            self.check_proof(&client, proof, &[])?;
        }
        let token = &command.refresh_token;
        let token = open_refresh_token(&pool.id, &client.id, token, self.sealer())?;
        let session = self.store().session(&pool.id, &token.session).await?;
        let user = match &session {
            Some(session) => self.store().user(&pool.id, &session.sub).await?,
            None => None,
        };
        self.check_proof(&client, proof, &hashed_names("", user.as_ref()))?;
        let live = check_session(&token, &client, session, user, self.now())?;
        let candidate = self.with_groups(live.user().clone()).await?;
        check_admission(&candidate, &command.admission)?;
        let keys = self.key_ring(&pool.id).await?;
        let issuer = self.issuer(&pool.id);
        let issuing = Self::issuing(self.scene(&pool, &client), &keys, &issuer);
        Ok(token::reissue(issuing, &live, &candidate.groups)?)
    }

    /// Ends the sign-in that a refresh token belongs to (`RevokeToken`), and with it its access
    /// tokens. A second time changes nothing.
    pub async fn revoke_token(
        &self,
        client: &ClientId,
        token: &Secret,
        client_secret: Option<&Secret>,
    ) -> Result<()> {
        let (_, found) = self.client(client).await?;
        self.check_client_secret(&found, client_secret)?;
        if !found.token_revocation {
            return Err(Refusal::RevocationNotEnabled.into());
        }
        // Access and ID tokens have three parts, refresh tokens five.
        if token.expose().split('.').count() == 3 {
            return Err(Refusal::TokenNotRevocable.into());
        }
        let is_well_formed = token.expose().split('.').count() == 5;
        match self.revoke_refresh_token(client, token, &ClientProof::Trusted).await {
            // Nobody can use a token that is unknown: it is as good as revoked.
            Err(Error::Refused(Refusal::RefreshTokenInvalid)) if is_well_formed => Ok(()),
            revoked => revoked,
        }
    }

    pub(super) async fn revoke_refresh_token(
        &self,
        client: &ClientId,
        token: &Secret,
        proof: &ClientProof,
    ) -> Result<()> {
        let (pool, client) = self.client(client).await?;
        self.check_proof(&client, proof, &[])?;
        let token = open_refresh_token(&pool.id, &client.id, token, self.sealer())?;
        let (id, at) = (token.session, self.now());
        self.commit(vec![Change::RevokeSession { pool: pool.id, id, at }]).await
    }
}
