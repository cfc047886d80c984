use crate::change::Change;
use crate::entity::User;
use crate::error::{Refusal, Result};
use crate::ids::ClientId;
use crate::local::commit::Plan;
use crate::local::{ClientProof, Local, Named};
use crate::secret::Secret;
use crate::self_service::{
    Delivery, MfaPreference, MfaSwitch, Registration, SelfService, SignedUp,
};
use async_trait::async_trait;

impl Local {
    /// Ends all sign-ins of the user an access token belongs to (`GlobalSignOut`).
    pub async fn global_sign_out(&self, access_token: &Secret) -> Result<()> {
        let caller = self.authorize(access_token).await?.caller;
        self.decide(|| async {
            let user = self.store().user(&caller.pool, &caller.sub).await?;
            let mut user = user.ok_or(Refusal::UserNotFound)?;
            let changes = user.sign_out(self.now());
            Ok(Plan::accept((), changes))
        })
        .await
    }

    /// Removes the user an access token belongs to (`DeleteUser`).
    pub async fn delete_self(&self, access_token: &Secret) -> Result<()> {
        let authorized = self.authorize_person(access_token).await?;
        self.expect_fresh(&authorized)?;
        let caller = authorized.caller;
        self.decide(|| async {
            let user = self.store().user(&caller.pool, &caller.sub).await?;
            let user = user.ok_or(Refusal::UserNotFound)?;
            let User { pool, sub, version, .. } = user.clone();
            let mut changes = vec![Change::DeleteUser { pool, sub, version }];
            self.keep_administered(&user, &mut changes).await?;
            Ok(Plan::accept((), changes))
        })
        .await
    }
}

/// Somebody named through one of our own faces.
fn named(client: &ClientId, username: &str) -> Named {
    Named { client: client.clone(), proof: ClientProof::Trusted, username: username.to_owned() }
}

#[async_trait]
impl SelfService for Local {
    async fn forgot_password(&self, client: &ClientId, username: &str) -> Result<Delivery> {
        Self::forgot_password(self, &named(client, username)).await
    }

    async fn confirm_forgot_password(
        &self,
        client: &ClientId,
        username: &str,
        code: &Secret,
        password: &Secret,
    ) -> Result<()> {
        Self::confirm_forgot_password(self, &named(client, username), code, password).await
    }

    async fn register(&self, new: Registration) -> Result<SignedUp> {
        self.sign_up(new, &ClientProof::Trusted).await
    }

    async fn confirm_registration(
        &self,
        client: &ClientId,
        username: &str,
        code: &Secret,
    ) -> Result<()> {
        self.confirm_sign_up(&named(client, username), code, false, None).await?;
        Ok(())
    }

    async fn change_password(
        &self,
        access_token: &Secret,
        previous: &Secret,
        proposed: &Secret,
    ) -> Result<()> {
        Self::change_password(self, access_token, Some(previous), proposed).await
    }

    async fn associate_totp(&self, access_token: &Secret) -> Result<Secret> {
        self.associate_software_token(access_token).await
    }

    async fn verify_totp(
        &self,
        access_token: &Secret,
        code: &Secret,
        friendly_name: Option<String>,
    ) -> Result<()> {
        self.verify_software_token(access_token, code, friendly_name).await
    }

    async fn enrol_totp(&self, access_token: &Secret, code: &Secret) -> Result<()> {
        self.enrol_software_token(access_token, code).await
    }

    async fn associate_totp_by_session(&self, session: &Secret) -> Result<(Secret, Secret)> {
        self.associate_software_token_by_session(session).await
    }

    async fn verify_totp_by_session(
        &self,
        session: &Secret,
        code: &Secret,
        friendly_name: Option<String>,
    ) -> Result<Secret> {
        self.verify_software_token_by_session(session, code, friendly_name).await
    }

    async fn switch_mfa(&self, access_token: &Secret, switch: MfaSwitch) -> Result<()> {
        Self::switch_mfa(self, access_token, switch).await
    }

    async fn set_mfa_preference(
        &self,
        access_token: &Secret,
        preference: MfaPreference,
    ) -> Result<()> {
        Self::set_mfa_preference(self, access_token, preference).await
    }
}
