use crate::backend::self_service::{
    Delivery, MfaPreference, MfaSwitch, Registration, SelfService, SignedUp,
};
use crate::backend::user_pool::Via;
use crate::change::Change;
use crate::crypto::secret::Secret;
use crate::entity::User;
use crate::error::Result;
use crate::ids::ClientId;
use crate::local::commit::Plan;
use crate::local::{Local, Named};
use crate::request::RequestContext;
use async_trait::async_trait;

impl Local {
    /// Ends all sign-ins of the user an access token belongs to (`GlobalSignOut`).
    ///
    /// # Errors
    ///
    /// Those of [`Local::authorize`]; `Refusal::UserNotFound` if the user is removed meanwhile;
    /// faults on our side.
    pub async fn global_sign_out(
        &self,
        request: &RequestContext,
        access_token: &Secret,
    ) -> Result<()> {
        let user = self.authorize(request, access_token).await?.user;
        self.decide_about(request, &user, |mut user| async move {
            let changes = user.sign_out(self.now());
            Ok(Plan::accept((), changes))
        })
        .await
    }

    /// Removes the user an access token belongs to (`DeleteUser`).
    ///
    /// # Errors
    ///
    /// Those of [`Local::authorize`]; `Refusal::AccessTokenLacksScope` for machines;
    /// `Refusal::FreshSignInRequired`, `Refusal::LastAdministrator`; `Refusal::UserNotFound` if the
    /// user is removed meanwhile; faults on our side.
    pub async fn delete_self(&self, request: &RequestContext, access_token: &Secret) -> Result<()> {
        let authorized = self.authorize_person(request, access_token).await?;
        self.expect_fresh(&authorized)?;
        self.decide_about(request, &authorized.user, |user| async move {
            let User { pool, sub, version, .. } = user.clone();
            let mut changes = vec![Change::DeleteUser { pool, sub, version }];
            self.keep_administered(request, &user, &mut changes).await?;
            Ok(Plan::accept((), changes))
        })
        .await
    }
}

/// Somebody named through one of our own faces.
fn named(client: &ClientId, username: &str) -> Named {
    Named { via: Via::trusted(client), username: username.to_owned() }
}

#[async_trait]
impl SelfService for Local {
    async fn forgot_password(
        &self,
        request: &RequestContext,
        client: &ClientId,
        username: &str,
    ) -> Result<Delivery> {
        Self::forgot_password(self, request, &named(client, username)).await
    }

    async fn confirm_forgot_password(
        &self,
        request: &RequestContext,
        client: &ClientId,
        username: &str,
        code: &Secret,
        password: &Secret,
    ) -> Result<()> {
        Self::confirm_forgot_password(self, request, &named(client, username), code, password).await
    }

    async fn register(&self, request: &RequestContext, new: Registration) -> Result<SignedUp> {
        self.sign_up(request, new).await
    }

    async fn confirm_registration(
        &self,
        request: &RequestContext,
        client: &ClientId,
        username: &str,
        code: &Secret,
    ) -> Result<()> {
        self.confirm_sign_up(request, &named(client, username), code, false, None).await?;
        Ok(())
    }

    async fn change_password(
        &self,
        request: &RequestContext,
        access_token: &Secret,
        previous: &Secret,
        proposed: &Secret,
    ) -> Result<()> {
        Self::change_password(self, request, access_token, Some(previous), proposed).await
    }

    async fn associate_totp(
        &self,
        request: &RequestContext,
        access_token: &Secret,
    ) -> Result<Secret> {
        self.associate_software_token(request, access_token).await
    }

    async fn verify_totp(
        &self,
        request: &RequestContext,
        access_token: &Secret,
        code: &Secret,
        friendly_name: Option<String>,
    ) -> Result<()> {
        self.verify_software_token(request, access_token, code, friendly_name).await
    }

    async fn enrol_totp(
        &self,
        request: &RequestContext,
        access_token: &Secret,
        code: &Secret,
    ) -> Result<()> {
        self.enrol_software_token(request, access_token, code).await
    }

    async fn associate_totp_by_session(
        &self,
        request: &RequestContext,
        session: &Secret,
    ) -> Result<(Secret, Secret)> {
        self.associate_software_token_by_session(request, session).await
    }

    async fn verify_totp_by_session(
        &self,
        request: &RequestContext,
        session: &Secret,
        code: &Secret,
        friendly_name: Option<String>,
    ) -> Result<Secret> {
        self.verify_software_token_by_session(request, session, code, friendly_name).await
    }

    async fn switch_mfa(
        &self,
        request: &RequestContext,
        access_token: &Secret,
        switch: MfaSwitch,
    ) -> Result<()> {
        Self::switch_mfa(self, request, access_token, switch).await
    }

    async fn set_mfa_preference(
        &self,
        request: &RequestContext,
        access_token: &Secret,
        preference: MfaPreference,
    ) -> Result<()> {
        Self::set_mfa_preference(self, request, access_token, preference).await
    }
}
