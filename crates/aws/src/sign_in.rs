//! `UserPool` over Amazon: one file per kind of verb.

pub(crate) mod answer;
pub(crate) mod caller;
pub(crate) mod context;
pub(crate) mod device;
pub(crate) mod id_token;
pub(crate) mod loaded_user;
pub(crate) mod mfa;
pub(crate) mod outcome;
pub(crate) mod recent;
pub(crate) mod session;
pub(crate) mod step;
pub(crate) mod tokens;
pub(crate) mod totp_setup;

use crate::amazon::Amazon;
use crate::connection::call::Repeat;
use crate::connection::settings::{AppClient, Flow};
use crate::connection::trouble::Purpose;
use crate::sign_in::context::SignInContext;
use crate::sign_in::loaded_user::concealed;
use crate::sign_in::step::{AmazonStep, step};
use async_trait::async_trait;
use aws_sdk_cognitoidentityprovider::types::AuthFlowType;
use poolkeeper_pool::backend::entry_policy::EntryPolicy;
use poolkeeper_pool::backend::user_pool::{
    Caller, Outcome, Profile, Refresh, Respond, SignIn, SignedIn, UserPool, Via,
};
use poolkeeper_pool::crypto::secret::Secret;
use poolkeeper_pool::entity::Face;
use poolkeeper_pool::error::{Error, Refusal, Result};
use poolkeeper_pool::ids::{ClientId, DeviceKey};
use poolkeeper_pool::request::RequestContext;
use std::collections::HashMap;

#[async_trait]
impl UserPool for Amazon {
    async fn sign_in(&self, request: &RequestContext, command: SignIn) -> Result<Outcome> {
        self.password_sign_in(request, command).await
    }

    async fn respond(&self, request: &RequestContext, command: Respond) -> Result<Outcome> {
        self.answer_challenge(request, command).await
    }

    async fn refresh(&self, request: &RequestContext, command: Refresh) -> Result<SignedIn> {
        self.refresh_tokens(request, command).await
    }

    async fn revoke(
        &self,
        request: &RequestContext,
        via: &Via,
        refresh_token: &Secret,
    ) -> Result<()> {
        let client = self.client(request, &via.client)?;
        let wrapped = self.unwrap_refresh_token(&client.id, refresh_token);
        self.revoke_token(client, wrapped.token.expose()).await
    }

    async fn authenticate(
        &self,
        request: &RequestContext,
        face: Face,
        client: &ClientId,
        access_token: &Secret,
    ) -> Result<(Caller, Option<Profile>)> {
        let caller =
            self.check_access_token(request, self.client(request, client)?, access_token).await?;
        // A tenant's sign-ins are the tenant's alone, and its machines have business nowhere else.
        let machine = self.parts.tenants.tenant_of_machine(&caller.pool, &caller.sub).await?;
        let tenants_own = caller.tenant.is_some() || machine.is_some();
        if tenants_own != (face == Face::Tenant) {
            return Err(Refusal::AccessTokenInvalid.into());
        }
        Ok((caller, None))
    }

    async fn profile(
        &self,
        request: &RequestContext,
        client: &ClientId,
        caller: &Caller,
    ) -> Result<Profile> {
        self.client(request, client)?;
        let known = self.known_caller(request, caller).await?;
        // The name may have been given to somebody else since.
        if known.user.sub != caller.sub {
            return Err(Refusal::UserNotFound.into());
        }
        Ok(known.profile())
    }
}

impl Amazon {
    async fn password_sign_in(&self, request: &RequestContext, command: SignIn) -> Result<Outcome> {
        let client = self.client(request, &command.via.client)?;
        let shown = command.device.as_ref().and_then(|pair| self.open_device(client, pair));
        let typed = command.username.as_str();
        let context = |device| SignInContext {
            client,
            entry_policy: &command.entry_policy,
            device,
            typed,
            remember: false,
            answered: None,
        };
        if let Some(device) = shown.as_ref().filter(|_| client.flow == Flow::User) {
            let outcome = match self.begin(request, client, &command, Some(&device.key)).await {
                Ok(step) => self.proceed(request, context(Some(device)), step).await,
                Err(error) => Err(self.told(request, error, &command).await),
            };
            // The password is right, and the device is none: it is as if none was named.
            if !is_unknown_device(&outcome) {
                return outcome;
            }
        }
        match self.begin(request, client, &command, None).await {
            Ok(step) => self.proceed(request, context(None), step).await,
            Err(error) => Err(self.told(request, error, &command).await),
        }
    }

    /// What a face tells of what Amazon said to a password.
    async fn told(&self, request: &RequestContext, error: Error, command: &SignIn) -> Error {
        let entry_policy = &command.entry_policy;
        match error {
            Error::Refused(refusal) if tells_whatever_the_password(&refusal, entry_policy) => {
                Refusal::BadCredentials.into()
            }
            Error::Refused(refusal) if tells_of_the_user(&refusal) => {
                // Whom the face is not for learns nothing at it.
                match self.admit_named(request, &command.username, entry_policy).await {
                    Ok(()) => concealed(refusal, entry_policy).into(),
                    Err(error) => error,
                }
            }
            error => error,
        }
    }

    async fn admit_named(
        &self,
        request: &RequestContext,
        name: &str,
        entry_policy: &EntryPolicy,
    ) -> Result<()> {
        self.admit(&self.known(request, name).await?, entry_policy).await
    }

    /// Sends the password, once.
    async fn begin(
        &self,
        request: &RequestContext,
        client: &AppClient,
        command: &SignIn,
        device: Option<&DeviceKey>,
    ) -> Result<AmazonStep> {
        let mut parameters = HashMap::from([
            ("USERNAME".to_owned(), command.username.clone()),
            ("PASSWORD".to_owned(), command.password.expose().to_owned()),
        ]);
        let hash = client.secret_hash(&command.username);
        parameters.extend(hash.map(|hash| ("SECRET_HASH".to_owned(), hash)));
        parameters.extend(device.map(|key| ("DEVICE_KEY".to_owned(), key.to_string())));
        Ok(match client.flow {
            Flow::Admin => {
                let call = self.sdk.admin_initiate_auth().client_id(client.id.as_str());
                let call = call
                    .user_pool_id(self.settings.pool.as_str())
                    .auth_flow(AuthFlowType::AdminUserPasswordAuth)
                    .set_context_data(caller::context_data(request))
                    .set_auth_parameters(Some(parameters));
                step!(self.call(Repeat::Never, Purpose::Password, || call.clone().send()).await?)
            }
            Flow::User => {
                let call = self.sdk.initiate_auth().client_id(client.id.as_str());
                let call = call
                    .auth_flow(AuthFlowType::UserPasswordAuth)
                    .set_auth_parameters(Some(parameters));
                step!(self.call(Repeat::Never, Purpose::Password, || call.clone().send()).await?)
            }
        })
    }
}

/// Whether Amazon says this to a wrong password, too, at a face that hides users.
const fn tells_whatever_the_password(refusal: &Refusal, entry_policy: &EntryPolicy) -> bool {
    let untested = matches!(
        refusal,
        Refusal::UserDisabled | Refusal::UserNotConfirmed | Refusal::PasswordResetRequired
    );
    entry_policy.hides_users && untested
}

/// Whether a refusal says how things stand with the user.
const fn tells_of_the_user(refusal: &Refusal) -> bool {
    matches!(
        refusal,
        Refusal::UserDisabled
            | Refusal::UserNotConfirmed
            | Refusal::PasswordResetRequired
            | Refusal::TemporaryPasswordExpired
    )
}

fn is_unknown_device(outcome: &Result<Outcome>) -> bool {
    matches!(outcome, Err(Error::Refused(Refusal::DeviceNotFound)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// (A4)
    #[test]
    fn what_amazon_tells_without_the_password_shows_at_no_face_that_hides_users() {
        let hiding = EntryPolicy { hides_users: true, ..EntryPolicy::default() };
        for refusal in
            [Refusal::UserNotConfirmed, Refusal::UserDisabled, Refusal::PasswordResetRequired]
        {
            assert!(tells_whatever_the_password(&refusal, &hiding));
            assert!(!tells_whatever_the_password(&refusal, &EntryPolicy::default()));
        }
        // Amazon says this only after the right password.
        assert!(!tells_whatever_the_password(&Refusal::TemporaryPasswordExpired, &hiding));
    }
}
