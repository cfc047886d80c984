//! Answers to challenges.

use crate::amazon::Amazon;
use crate::connection::call::Repeat;
use crate::connection::settings::{AppClient, Flow};
use crate::connection::trouble::Purpose;
use crate::convert;
use crate::sign_in::caller;
use crate::sign_in::context::SignInContext;
use crate::sign_in::step::{AmazonStep, step};
use aws_sdk_cognitoidentityprovider::types::ChallengeNameType;
use poolkeeper_pool::backend::user_pool::{ChallengeAnswer, Outcome, Respond};
use poolkeeper_pool::error::{Refusal, Result};
use poolkeeper_pool::request::RequestContext;
use std::collections::HashMap;

impl Amazon {
    pub(crate) async fn answer_challenge(
        &self,
        request: &RequestContext,
        command: Respond,
    ) -> Result<Outcome> {
        let client = self.client(request, &command.via.client)?;
        let pending = self.open_pending(&client.id, &command.session)?;
        let is_other = |name: &String| !pending.is_called(name);
        if command.username.as_ref().is_some_and(is_other)
            || !pending.takes(&command.answer)
            || pending.tenant != command.entry_policy.tenant
        {
            return Err(Refusal::ChallengeSessionInvalid.into());
        }
        if let ChallengeAnswer::NewPassword { password, .. } = &command.answer {
            convert::check_password(password)?;
        }
        let username = pending.username.as_str();
        // Nothing is looked at, and no code is spent, of somebody who may not come in.
        let groups = self.groups_of_user(username).await?;
        let groups: Vec<_> = groups.into_iter().map(|group| group.name).collect();
        request.note_user(&pending.sub);
        // Amazon itself refuses those who are disabled.
        self.admit_user((&pending.sub, true), &groups, &command.entry_policy).await?;
        let asked = (challenge(&command.answer), Some(pending.session.expose()));
        let step =
            self.answer(request, client, asked, username, responses(&command.answer)).await?;
        let entry_policy = &command.entry_policy;
        let remember = command.remember_device && pending.is_second_factor();
        let known = pending.user_in(groups);
        let answered = Some((&pending, &known));
        let context = SignInContext {
            client,
            entry_policy,
            device: None,
            typed: username,
            remember,
            answered,
        };
        self.proceed(request, context, step).await
    }

    /// Sends an answer, once.
    pub(crate) async fn answer(
        &self,
        request: &RequestContext,
        client: &AppClient,
        (challenge, session): (ChallengeNameType, Option<&str>),
        username: &str,
        given: impl IntoIterator<Item = (impl Into<String>, String)>,
    ) -> Result<AmazonStep> {
        let mut responses: HashMap<String, String> =
            given.into_iter().map(|(name, value)| (name.into(), value)).collect();
        responses.insert("USERNAME".to_owned(), username.to_owned());
        let hash = client.secret_hash(username);
        responses.extend(hash.map(|hash| ("SECRET_HASH".to_owned(), hash)));
        let session = session.map(str::to_owned);
        Ok(match client.flow {
            Flow::Admin => {
                let call = self.sdk.admin_respond_to_auth_challenge();
                let call = call
                    .set_context_data(caller::context_data(request))
                    .user_pool_id(self.settings.pool.as_str())
                    .client_id(client.id.as_str())
                    .challenge_name(challenge)
                    .set_session(session)
                    .set_challenge_responses(Some(responses));
                step!(self.call(Repeat::Never, Purpose::Answer, || call.clone().send()).await?)
            }
            Flow::User => {
                let call = self.sdk.respond_to_auth_challenge().client_id(client.id.as_str());
                let call = call
                    .challenge_name(challenge)
                    .set_session(session)
                    .set_challenge_responses(Some(responses));
                step!(self.call(Repeat::Never, Purpose::Answer, || call.clone().send()).await?)
            }
        })
    }
}

const fn challenge(answer: &ChallengeAnswer) -> ChallengeNameType {
    match answer {
        ChallengeAnswer::NewPassword { .. } => ChallengeNameType::NewPasswordRequired,
        ChallengeAnswer::SoftwareToken(_) => ChallengeNameType::SoftwareTokenMfa,
        ChallengeAnswer::EmailCode(_) => ChallengeNameType::EmailOtp,
        ChallengeAnswer::SmsCode(_) => ChallengeNameType::SmsMfa,
        ChallengeAnswer::MfaSetup | ChallengeAnswer::MfaSetupEmail(_) => {
            ChallengeNameType::MfaSetup
        }
        ChallengeAnswer::MfaType(_) => ChallengeNameType::SelectMfaType,
    }
}

fn responses(answer: &ChallengeAnswer) -> Vec<(String, String)> {
    let one = |name: &str, value: &str| vec![(name.to_owned(), value.to_owned())];
    match answer {
        ChallengeAnswer::NewPassword { password, attributes } => {
            let named = |(name, value)| (format!("userAttributes.{name}"), String::from(value));
            let mut responses = one("NEW_PASSWORD", password.expose());
            responses.extend(attributes.iter().map(named));
            responses
        }
        ChallengeAnswer::SoftwareToken(code) => one("SOFTWARE_TOKEN_MFA_CODE", code.expose()),
        ChallengeAnswer::EmailCode(code) => one("EMAIL_OTP_CODE", code.expose()),
        ChallengeAnswer::SmsCode(code) => one("SMS_MFA_CODE", code.expose()),
        ChallengeAnswer::MfaSetup => Vec::new(),
        ChallengeAnswer::MfaSetupEmail(address) => one("EMAIL", address),
        ChallengeAnswer::MfaType(factor) => one("ANSWER", factor.name()),
    }
}
