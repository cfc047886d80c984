//! From what Amazon answers to where a sign-in has come to.

use crate::amazon::Amazon;
use crate::connection::settings::AppClient;
use crate::convert::{self, missing};
use crate::sign_in::context::SignInContext;
use crate::sign_in::device::{Confirmed, Remembered};
use crate::sign_in::loaded_user::LoadedUser;
use crate::sign_in::session::Pending;
use crate::sign_in::step::AmazonStep;
use crate::sign_in::tokens::Wrapped;
use aws_sdk_cognitoidentityprovider::types::{AuthenticationResultType, ChallengeNameType};
use poolkeeper_pool::backend::entry_policy::Selection;
use poolkeeper_pool::backend::user_pool::{
    Challenge, ChallengeKind, Factor, NewDevice, Outcome, SignedIn,
};
use poolkeeper_pool::crypto::secret::Secret;
use poolkeeper_pool::entity::Attributes;
use poolkeeper_pool::error::{Error, Fault, Refusal, Result};
use poolkeeper_pool::ids::DeviceKey;
use poolkeeper_pool::request::RequestContext;
use std::collections::HashMap;

impl Amazon {
    /// Goes on until the user is asked something or is signed in.
    pub(crate) async fn proceed(
        &self,
        request: &RequestContext,
        context: SignInContext<'_>,
        mut step: AmazonStep,
    ) -> Result<Outcome> {
        let (username, known) = self.who(request, context, &step).await?;
        if let Err(refused) = self.admit(&known, context.entry_policy).await {
            self.drop_tokens(context.client, &step).await;
            return Err(refused);
        }
        loop {
            if let Some(result) = step.result {
                let device = context.device.map(|device| &device.key);
                let done = self.signed_in(request, context, device, known, result).await?;
                return Ok(Outcome::SignedIn(Box::new(done)));
            }
            let name = step.challenge.clone().ok_or_else(|| missing("challenge and tokens"))?;
            let session = step.session.as_deref();
            step = match answered_by_us(context, &name, &step.parameters) {
                Ours::Device(device) if device.is_of(known.user.username.as_str()) => {
                    self.prove_device(request, context.client, &username, session, device).await?
                }
                Ours::Device(_) => return Err(Refusal::DeviceNotFound.into()),
                Ours::Factor(factor) => {
                    let answer = [("ANSWER", factor.name().to_owned())];
                    let asked = (ChallengeNameType::SelectMfaType, session);
                    self.answer(request, context.client, asked, &username, answer).await?
                }
                Ours::Nothing => return self.ask(context, &known, &name, step),
            };
        }
    }

    /// Who it is: as the tokens say, or the challenge.
    async fn who(
        &self,
        request: &RequestContext,
        context: SignInContext<'_>,
        step: &AmazonStep,
    ) -> Result<(String, LoadedUser)> {
        if let Some(result) = &step.result
            && let Some(token) = result.access_token()
        {
            let claims = self.keys.check(&Secret::from(token), self.now()).await.map_err(unfit)?;
            let known = self.known_by_tokens(request, &claims, result).await?;
            return Ok((claims.username, known));
        }
        let mut names = ["USER_ID_FOR_SRP", "USERNAME"].into_iter();
        let named = names.find_map(|name| step.parameters.get(name));
        let username = named.map_or_else(|| context.typed.to_owned(), Clone::clone);
        let known = match (self.known(request, &username).await, context.answered) {
            // The answer is spent: what was known before it has to do.
            (Err(problem), Some((_, known))) if problem.may_pass() => {
                tracing::warn!(%problem, "the sign-in goes on with what was known of the user before");
                self.asked_next(known, step)
            }
            (known, _) => known?,
        };
        Ok((username, known))
    }

    /// The user, with those second factors that the next challenge shows.
    fn asked_next(&self, known: &LoadedUser, step: &AmazonStep) -> LoadedUser {
        let mut known = known.clone();
        let kind = step.challenge.as_ref().and_then(|name| kind(name, &step.parameters));
        let factors = match &kind {
            Some(ChallengeKind::SelectMfaType { choices }) => choices.clone(),
            Some(kind) => kind.factor().into_iter().collect(),
            None => Vec::new(),
        };
        let names: Vec<_> = factors.iter().map(|factor| factor.name().to_owned()).collect();
        let preferred = names.first().filter(|_| names.len() == 1).map(String::as_str);
        known.user.mfa = convert::mfa(self.settings.mfa, &names, preferred);
        known
    }

    /// Tokens that nobody is told of are good for nothing, if Amazon can be told so.
    async fn drop_tokens(&self, client: &AppClient, step: &AmazonStep) {
        let token = step.result.as_ref().and_then(|result| result.refresh_token());
        if let Some(token) = token
            && let Err(problem) = self.revoke_token(client, token).await
        {
            tracing::warn!(%problem, "could not revoke the tokens of a refused sign-in");
        }
    }

    fn ask(
        &self,
        context: SignInContext<'_>,
        known: &LoadedUser,
        name: &ChallengeNameType,
        step: AmazonStep,
    ) -> Result<Outcome> {
        let kind = kind(name, &step.parameters).ok_or_else(|| {
            let problem = format!("it asks for {}, which these APIs do not support", name.as_str());
            Fault::Provider(problem)
        })?;
        let session = step.session.ok_or_else(|| missing("a session"))?;
        let tenant = context.entry_policy.tenant.as_ref();
        let (session, name) = (Secret::new(session), kind.name());
        let pending = match context.answered {
            Some((before, _)) => before.then(session, name),
            None => Pending::new(session, name, known, tenant),
        };
        Ok(Outcome::Challenge(Box::new(Challenge {
            session: self.seal_pending(&context.client.id, &pending),
            username: known.user.username.clone(),
            mfa: known.user.mfa,
            kind,
        })))
    }

    /// Tokens as they are told.
    pub(crate) async fn signed_in(
        &self,
        request: &RequestContext,
        context: SignInContext<'_>,
        device: Option<&DeviceKey>,
        known: LoadedUser,
        result: AuthenticationResultType,
    ) -> Result<SignedIn> {
        let token =
            |token: Option<String>, what| token.map(Secret::new).ok_or_else(|| missing(what));
        if let (Some(tenant), Some(access)) = (&context.entry_policy.tenant, &result.access_token) {
            self.keep_tenant(request, &Secret::from(access.as_str()), tenant).await?;
        }
        let new_device = result.new_device_metadata.and_then(|new| {
            Some(NewDevice {
                key: DeviceKey::new(new.device_key?),
                group_key: new.device_group_key?,
            })
        });
        let access_token = token(result.access_token, "an access token")?;
        let owner = &known.user.username;
        let confirmed = match &new_device {
            Some(new) => self.confirm_new_device(context, owner, &access_token, new).await?,
            None => Confirmed::Refreshable(None),
        };
        let device = new_device.as_ref().map(|new| &new.key).or(device).cloned();
        let tenant = context.entry_policy.tenant.clone();
        let refresh = result.refresh_token.map(Secret::new).filter(|_| confirmed.is_refreshable());
        let refresh_token = refresh.map(|token| {
            self.wrap_refresh_token(&context.client.id, Wrapped { token, device, tenant })
        });
        Ok(SignedIn {
            access_token,
            id_token: token(result.id_token, "an ID token")?,
            refresh_token,
            expires_in: u64::try_from(result.expires_in).unwrap_or_default(),
            profile: known.profile(),
            new_device,
            remembered: confirmed.remembered(),
        })
    }
}

/// What of the questions is not the user's to answer.
fn answered_by_us<'a>(
    context: SignInContext<'a>,
    name: &ChallengeNameType,
    parameters: &HashMap<String, String>,
) -> Ours<'a> {
    match (name, context.device) {
        (ChallengeNameType::DeviceSrpAuth, Some(device)) => Ours::Device(device),
        (ChallengeNameType::SelectMfaType, _)
            if context.entry_policy.selection == Selection::Strongest =>
        {
            let strongest = factors(parameters, "MFAS_CAN_CHOOSE").into_iter().min();
            strongest.map_or(Ours::Nothing, Ours::Factor)
        }
        _ => Ours::Nothing,
    }
}

/// What we answer in the user's place.
enum Ours<'a> {
    Device(&'a Remembered),
    Factor(Factor),
    Nothing,
}

/// A token that Amazon has just issued and that does not pass our check, as a fault: a setting is
/// wrong, not the caller.
pub(crate) fn unfit(error: Error) -> Error {
    match error {
        Error::Refused(refusal) => Fault::Provider(format!(
            "a new token is not accepted (issuer? keys? clock?): {refusal}"
        ))
        .into(),
        fault @ Error::Fault(_) => fault,
    }
}

fn kind(name: &ChallengeNameType, parameters: &HashMap<String, String>) -> Option<ChallengeKind> {
    let parameter = |name: &str| parameters.get(name).cloned();
    let destination = || parameter("CODE_DELIVERY_DESTINATION").unwrap_or_default();
    Some(match name {
        ChallengeNameType::NewPasswordRequired => ChallengeKind::NewPasswordRequired {
            required: required(parameters),
            attributes: current(parameters),
        },
        ChallengeNameType::SoftwareTokenMfa => {
            ChallengeKind::SoftwareTokenMfa { friendly_name: parameter("FRIENDLY_DEVICE_NAME") }
        }
        ChallengeNameType::EmailOtp => ChallengeKind::EmailOtp { destination: destination() },
        ChallengeNameType::SmsMfa => ChallengeKind::SmsMfa { destination: destination() },
        ChallengeNameType::MfaSetup => {
            ChallengeKind::MfaSetup { choices: factors(parameters, "MFAS_CAN_SETUP") }
        }
        ChallengeNameType::SelectMfaType => {
            ChallengeKind::SelectMfaType { choices: factors(parameters, "MFAS_CAN_CHOOSE") }
        }
        _ => return None,
    })
}

/// Names of factors in a JSON text.
fn factors(parameters: &HashMap<String, String>, name: &str) -> Vec<Factor> {
    let names =
        parameters.get(name).and_then(|text| serde_json::from_str::<Vec<String>>(text).ok());
    names.unwrap_or_default().iter().filter_map(|name| convert::factor(name)).collect()
}

fn required(parameters: &HashMap<String, String>) -> Vec<String> {
    let names = parameters.get("requiredAttributes");
    let names = names.and_then(|text| serde_json::from_str::<Vec<String>>(text).ok());
    let bare =
        |name: String| name.strip_prefix("userAttributes.").map(str::to_owned).unwrap_or(name);
    names.unwrap_or_default().into_iter().map(bare).collect()
}

fn current(parameters: &HashMap<String, String>) -> Attributes {
    let text = parameters.get("userAttributes");
    let all = text.and_then(|text| serde_json::from_str::<HashMap<String, String>>(text).ok());
    all.unwrap_or_default().into_iter().filter(|(name, _)| name != "sub").collect()
}
