//! `SelfService` over Amazon.

use crate::amazon::Amazon;
use crate::connection::call::Repeat;
use crate::connection::trouble::Purpose;
use crate::convert::{self, missing};
use crate::users::is_undelivered;
use async_trait::async_trait;
use poolkeeper_pool::backend::self_service::{
    Delivery, MfaPreference, MfaSwitch, Registration, SelfService, SignedUp,
};
use poolkeeper_pool::backend::user_pool::Factor;
use poolkeeper_pool::crypto::secret::Secret;
use poolkeeper_pool::entity::FollowUpWork;
use poolkeeper_pool::error::{Error, Refusal, Result};
use poolkeeper_pool::ids::{ClientId, Sub};
use poolkeeper_pool::request::RequestContext;
use poolkeeper_pool::time::Timestamp;

#[async_trait]
impl SelfService for Amazon {
    async fn forgot_password(
        &self,
        request: &RequestContext,
        client: &ClientId,
        username: &str,
    ) -> Result<Delivery> {
        let client = self.client(request, client)?;
        let call = self.sdk.forgot_password().client_id(client.id.as_str());
        let call = call.username(username).set_secret_hash(client.secret_hash(username));
        let sent = self.call(Repeat::Never, Purpose::Code, || call.clone().send()).await?;
        let delivery = sent.code_delivery_details.as_ref().and_then(convert::delivery);
        Ok(delivery.ok_or_else(|| missing("where the code went"))?)
    }

    async fn confirm_forgot_password(
        &self,
        request: &RequestContext,
        client: &ClientId,
        username: &str,
        code: &Secret,
        password: &Secret,
    ) -> Result<()> {
        let client = self.client(request, client)?;
        convert::check_password(password)?;
        let call = self.sdk.confirm_forgot_password().client_id(client.id.as_str());
        let call = call
            .username(username)
            .set_secret_hash(client.secret_hash(username))
            .confirmation_code(code.expose())
            .password(password.expose());
        self.call(Repeat::Never, Purpose::Code, || call.clone().send()).await?;
        self.follow_up(request, username, FollowUpWork::EndEverything).await
    }

    async fn register(&self, request: &RequestContext, new: Registration) -> Result<SignedUp> {
        let client = self.client(request, &new.via.client)?;
        if let Some(password) = &new.password {
            convert::check_password(password)?;
        }
        let call = self.sdk.sign_up().client_id(client.id.as_str());
        let call = call
            .username(&new.username)
            .set_secret_hash(client.secret_hash(&new.username))
            .set_password(new.password.as_ref().map(|password| password.expose().to_owned()))
            .set_user_attributes(Some(convert::attribute_types(new.attributes.iter())?));
        let signed_up =
            match self.call(Repeat::Never, Purpose::Creation, || call.clone().send()).await {
                Ok(made) => SignedUp {
                    sub: Sub::new(made.user_sub),
                    delivery: made.code_delivery_details.as_ref().and_then(convert::delivery),
                    session: made.session.map(Secret::new),
                },
                // The user was made, and the code could not be sent.
                Err(error) if is_undelivered(&error) => {
                    let sub = self.untold(request, &new.username).await?.sub;
                    SignedUp { sub, delivery: None, session: None }
                }
                Err(error) => return Err(error),
            };
        self.put_new_user_into(request, &signed_up.sub, &new.groups).await?;
        Ok(signed_up)
    }

    async fn confirm_registration(
        &self,
        request: &RequestContext,
        client: &ClientId,
        username: &str,
        code: &Secret,
    ) -> Result<()> {
        let client = self.client(request, client)?;
        let call = self.sdk.confirm_sign_up().client_id(client.id.as_str());
        let call = call
            .username(username)
            .set_secret_hash(client.secret_hash(username))
            .confirmation_code(code.expose());
        self.call(Repeat::Never, Purpose::Code, || call.clone().send()).await?;
        Ok(())
    }

    async fn change_password(
        &self,
        request: &RequestContext,
        access_token: &Secret,
        previous: &Secret,
        proposed: &Secret,
    ) -> Result<()> {
        self.check_own(access_token).await?;
        convert::check_password(proposed)?;
        let username = self.owner(access_token).await?;
        let call = self.sdk.change_password().access_token(access_token.expose());
        let call = call.previous_password(previous.expose()).proposed_password(proposed.expose());
        self.call(Repeat::Never, Purpose::AccessToken, || call.clone().send()).await?;
        self.follow_up(request, &username, FollowUpWork::ForgetDevices).await
    }

    async fn associate_totp(&self, _: &RequestContext, access_token: &Secret) -> Result<Secret> {
        self.check_own(access_token).await?;
        self.expect_fresh(access_token).await?;
        let call = self.sdk.associate_software_token().access_token(access_token.expose());
        let made = self.call(Repeat::Never, Purpose::AccessToken, || call.clone().send()).await?;
        Ok(made.secret_code.map(Secret::new).ok_or_else(|| missing("a key"))?)
    }

    async fn verify_totp(
        &self,
        _: &RequestContext,
        access_token: &Secret,
        code: &Secret,
        friendly_name: Option<String>,
    ) -> Result<()> {
        self.check_own(access_token).await?;
        self.expect_fresh(access_token).await?;
        let call = self.sdk.verify_software_token().access_token(access_token.expose());
        let call = call.user_code(code.expose()).set_friendly_device_name(friendly_name);
        let told = self.call(Repeat::Never, Purpose::AccessToken, || call.clone().send()).await?;
        Ok(convert::proven(told.status.as_ref())?)
    }

    async fn enrol_totp(
        &self,
        request: &RequestContext,
        access_token: &Secret,
        code: &Secret,
    ) -> Result<()> {
        self.verify_totp(request, access_token, code, None).await?;
        // The code is spent: if Amazon is too busy now, the rest is done later.
        let work = FollowUpWork::PreferApp;
        let kept = match self.keys.check(access_token, self.now()).await {
            Ok(claims) => self.keep(request, &claims.sub, &work).await,
            Err(error) => Err(error),
        };
        match (self.prefer(access_token, MfaPreference::only(Factor::Totp)).await, kept) {
            (Err(problem), Ok(_)) if problem.may_pass() => {
                self.warn(&problem, &work);
                Ok(())
            }
            (preferred, Ok(id)) => {
                self.parts.follow_ups.forget_follow_up(request, &id).await?;
                preferred
            }
            (preferred, Err(problem)) => {
                tracing::warn!(%problem, "a follow-up call could not be recorded");
                preferred
            }
        }
    }

    async fn associate_totp_by_session(
        &self,
        _: &RequestContext,
        session: &Secret,
    ) -> Result<(Secret, Secret)> {
        self.hand_out_key(session).await
    }

    async fn verify_totp_by_session(
        &self,
        _: &RequestContext,
        session: &Secret,
        code: &Secret,
        friendly_name: Option<String>,
    ) -> Result<Secret> {
        self.prove_app(session, code, friendly_name).await
    }

    async fn switch_mfa(
        &self,
        _: &RequestContext,
        access_token: &Secret,
        switch: MfaSwitch,
    ) -> Result<()> {
        self.check_own(access_token).await?;
        // Switching on what is on changes nothing.
        if switch != MfaSwitch::On {
            self.expect_fresh(access_token).await?;
        }
        self.switch(access_token, switch).await
    }

    async fn set_mfa_preference(
        &self,
        _: &RequestContext,
        access_token: &Secret,
        preference: MfaPreference,
    ) -> Result<()> {
        self.check_own(access_token).await?;
        self.expect_fresh(access_token).await?;
        self.prefer(access_token, preference).await
    }
}

impl Amazon {
    /// Refuses a token whose sign-in is too long ago, if its user has a second factor, which
    /// whoever stole the token could replace.
    async fn expect_fresh(&self, access_token: &Secret) -> Result<()> {
        let limit = self.settings.fresh_proof;
        let signed_in = self.keys.check(access_token, self.now()).await?.auth_time;
        let until = signed_in.map(|at| Timestamp::from_seconds(at).after(limit));
        if limit.is_zero() || until.is_some_and(|until| self.now() < until) {
            return Ok(());
        }
        let own = self.own_mfa(access_token).await?;
        if own.totp || own.email || own.sms {
            return Err(Refusal::FreshSignInRequired.into());
        }
        Ok(())
    }

    /// Ends the sign-ins of a user and forgets the devices. A user whom nobody has heard of has none.
    pub(crate) async fn end_everything(&self, username: &str) -> Result<()> {
        let ended = match self.sign_out_everywhere(username).await {
            Ok(()) => self.forget_devices(username).await,
            Err(error) => Err(error),
        };
        match ended {
            Err(Error::Refused(Refusal::UserNotFound)) => Ok(()),
            ended => ended,
        }
    }
}
