//! What users do for themselves.

use super::Pools;
use async_trait::async_trait;
use poolkeeper_pool::backend::self_service::{
    Delivery, MfaPreference, MfaSwitch, Registration, SelfService, SignedUp,
};
use poolkeeper_pool::crypto::secret::Secret;
use poolkeeper_pool::error::Result;
use poolkeeper_pool::ids::ClientId;
use poolkeeper_pool::request::RequestContext;

#[async_trait]
impl SelfService for Pools {
    async fn forgot_password(
        &self,
        request: &RequestContext,
        client: &ClientId,
        username: &str,
    ) -> Result<Delivery> {
        request.noting(self.of_client(client).forgot_password(request, client, username)).await
    }

    async fn confirm_forgot_password(
        &self,
        request: &RequestContext,
        client: &ClientId,
        username: &str,
        code: &Secret,
        password: &Secret,
    ) -> Result<()> {
        request
            .noting(
                self.of_client(client)
                    .confirm_forgot_password(request, client, username, code, password),
            )
            .await
    }

    async fn register(&self, request: &RequestContext, new: Registration) -> Result<SignedUp> {
        request.noting(self.of_client(&new.via.client).register(request, new)).await
    }

    async fn confirm_registration(
        &self,
        request: &RequestContext,
        client: &ClientId,
        username: &str,
        code: &Secret,
    ) -> Result<()> {
        request
            .noting(self.of_client(client).confirm_registration(request, client, username, code))
            .await
    }

    async fn change_password(
        &self,
        request: &RequestContext,
        access_token: &Secret,
        previous: &Secret,
        proposed: &Secret,
    ) -> Result<()> {
        request
            .noting(self.of_token(access_token).change_password(
                request,
                access_token,
                previous,
                proposed,
            ))
            .await
    }

    async fn associate_totp(
        &self,
        request: &RequestContext,
        access_token: &Secret,
    ) -> Result<Secret> {
        request.noting(self.of_token(access_token).associate_totp(request, access_token)).await
    }

    async fn verify_totp(
        &self,
        request: &RequestContext,
        access_token: &Secret,
        code: &Secret,
        friendly_name: Option<String>,
    ) -> Result<()> {
        request
            .noting(self.of_token(access_token).verify_totp(
                request,
                access_token,
                code,
                friendly_name,
            ))
            .await
    }

    async fn enrol_totp(
        &self,
        request: &RequestContext,
        access_token: &Secret,
        code: &Secret,
    ) -> Result<()> {
        request.noting(self.of_token(access_token).enrol_totp(request, access_token, code)).await
    }

    async fn associate_totp_by_session(
        &self,
        request: &RequestContext,
        session: &Secret,
    ) -> Result<(Secret, Secret)> {
        request.noting(self.of_session(session).associate_totp_by_session(request, session)).await
    }

    async fn verify_totp_by_session(
        &self,
        request: &RequestContext,
        session: &Secret,
        code: &Secret,
        friendly_name: Option<String>,
    ) -> Result<Secret> {
        request
            .noting(self.of_session(session).verify_totp_by_session(
                request,
                session,
                code,
                friendly_name,
            ))
            .await
    }

    async fn switch_mfa(
        &self,
        request: &RequestContext,
        access_token: &Secret,
        switch: MfaSwitch,
    ) -> Result<()> {
        request.noting(self.of_token(access_token).switch_mfa(request, access_token, switch)).await
    }

    async fn set_mfa_preference(
        &self,
        request: &RequestContext,
        access_token: &Secret,
        preference: MfaPreference,
    ) -> Result<()> {
        request
            .noting(self.of_token(access_token).set_mfa_preference(
                request,
                access_token,
                preference,
            ))
            .await
    }
}
