//! Signing in.

use super::Pools;
use async_trait::async_trait;
use poolkeeper_pool::backend::user_pool::{
    Caller, Outcome, Profile, Refresh, Respond, SignIn, SignedIn, UserPool, Via,
};
use poolkeeper_pool::crypto::secret::Secret;
use poolkeeper_pool::entity::Face;
use poolkeeper_pool::error::Result;
use poolkeeper_pool::ids::ClientId;
use poolkeeper_pool::request::RequestContext;

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
