//! Sign-in flows and challenges between the protocol and the engine, for the public and the
//! administrative operations alike.

use super::convert::{Parameters, check_lengths, required, secret};
use super::device::{self, device_key};
use super::error::CognitoError;
use super::srp_time::signed_time;
use super::step::{Initiation, NextStep, Response, password_verifier_step, signed_in_step, step};
use super::{Call, user_auth};
use poolkeeper_cognito_api::Sensitive;
use poolkeeper_cognito_api::types::{AuthFlowType, ChallengeNameType};
use poolkeeper_pool::backend::entry_policy::EntryPolicy;
use poolkeeper_pool::backend::user_pool::{ChallengeAnswer, Factor, Refresh, Respond};
use poolkeeper_pool::entity::{Attributes, AuthFlow};
use poolkeeper_pool::local::{PasswordClaim, PasswordSignIn, SrpSignIn};
use poolkeeper_pool::{Error, Refusal};

pub(super) async fn initiate(call: &Call, begun: Initiation<'_>) -> Result<NextStep, CognitoError> {
    check_lengths(begun.parameters)?;
    let by_admin = begun.pool.is_some();
    match begun.flow {
        AuthFlowType::RefreshTokenAuth | AuthFlowType::RefreshToken => refresh(call, begun).await,
        AuthFlowType::UserPasswordAuth if !by_admin => {
            password(call, begun, AuthFlow::UserPassword).await
        }
        AuthFlowType::AdminUserPasswordAuth | AuthFlowType::AdminNoSrpAuth if by_admin => {
            password(call, begun, AuthFlow::AdminUserPassword).await
        }
        AuthFlowType::UserPasswordAuth
        | AuthFlowType::AdminUserPasswordAuth
        | AuthFlowType::AdminNoSrpAuth => {
            Err(CognitoError::invalid_parameter("Initiate Auth method not supported."))
        }
        AuthFlowType::UserSrpAuth => srp(call, begun).await,
        AuthFlowType::UserAuth => user_auth::begin(call, begun).await,
        AuthFlowType::CustomAuth => Err(CognitoError::not_supported("CUSTOM_AUTH")),
    }
}

async fn password(
    call: &Call,
    begun: Initiation<'_>,
    flow: AuthFlow,
) -> Result<NextStep, CognitoError> {
    let outcome = call
        .engine
        .password_sign_in(
            &call.context,
            PasswordSignIn {
                remembered: None,
                via: begun.via(),
                flow,
                username: required(begun.parameters, "USERNAME")?.expose().to_owned(),
                password: secret(required(begun.parameters, "PASSWORD")?),
                device_key: device_key(begun.parameters),
                entry_policy: EntryPolicy::default(),
            },
        )
        .await?;
    Ok(step(outcome))
}

async fn srp(call: &Call, begun: Initiation<'_>) -> Result<NextStep, CognitoError> {
    let command = SrpSignIn {
        via: begun.via(),
        flow: AuthFlow::UserSrp,
        username: required(begun.parameters, "USERNAME")?.expose().to_owned(),
        srp_a: required(begun.parameters, "SRP_A")?.expose().to_owned(),
        device_key: device_key(begun.parameters),
    };
    Ok(password_verifier_step(&call.engine.begin_srp(&call.context, command).await?))
}

async fn refresh(call: &Call, begun: Initiation<'_>) -> Result<NextStep, CognitoError> {
    let command = Refresh {
        via: begun.via(),
        refresh_token: secret(required(begun.parameters, "REFRESH_TOKEN")?),
        device_key: device_key(begun.parameters),
        entry_policy: EntryPolicy::default(),
    };
    let signed_in = call.engine.refresh_tokens(&call.context, command).await;
    signed_in.map(|signed_in| signed_in_step(&signed_in)).map_err(|error| match error {
        // Cognito has other words for this here than everywhere else.
        Error::Refused(Refusal::SecretHashWrong(client)) => CognitoError::new(
            "NotAuthorizedException",
            format!("SecretHash does not match for the client: {client}"),
        ),
        error => error.into(),
    })
}

pub(super) async fn respond(call: &Call, given: Response<'_>) -> Result<NextStep, CognitoError> {
    check_lengths(given.responses)?;
    match given.challenge {
        ChallengeNameType::PasswordVerifier => return password_verifier(call, given).await,
        ChallengeNameType::DeviceSrpAuth => return device::device_srp(call, given).await,
        ChallengeNameType::DevicePasswordVerifier => {
            return device::device_proof(call, given).await;
        }
        _ => {}
    }
    if let Some(step) = user_auth::answer(call, &given).await? {
        return Ok(step);
    }
    let answer = answer(given.challenge, given.responses)?;
    let is_totp = matches!(answer, ChallengeAnswer::SoftwareToken(_));
    let username = required(given.responses, "USERNAME")?.expose().to_owned();
    let session = given.session.ok_or_else(|| CognitoError::missing("Session"))?;
    let command = Respond {
        remember_device: false,
        via: given.via(),
        session: secret(session),
        username: Some(username),
        answer,
        entry_policy: EntryPolicy::default(),
    };
    let outcome = call.engine.answer_challenge(&call.context, command).await;
    outcome.map(step).map_err(CognitoError::from).map_err(|error| {
        let totp_words = "Invalid code received for user";
        if is_totp { error.reworded("CodeMismatchException", totp_words) } else { error }
    })
}

/// Clients send no session with this answer, or a stale one: all that is needed is in the secret
/// block.
async fn password_verifier(call: &Call, given: Response<'_>) -> Result<NextStep, CognitoError> {
    let command = PasswordClaim {
        via: given.via(),
        username: required(given.responses, "USERNAME")?.expose().to_owned(),
        secret_block: secret(required(given.responses, "PASSWORD_CLAIM_SECRET_BLOCK")?),
        signature: secret(required(given.responses, "PASSWORD_CLAIM_SIGNATURE")?),
        timestamp: signed_time(given.responses)?,
        device_key: device_key(given.responses),
    };
    Ok(step(call.engine.prove_password(&call.context, command).await?))
}

fn answer(
    challenge: ChallengeNameType,
    given: &Parameters,
) -> Result<ChallengeAnswer, CognitoError> {
    match challenge {
        ChallengeNameType::NewPasswordRequired => Ok(ChallengeAnswer::NewPassword {
            password: secret(required(given, "NEW_PASSWORD")?),
            attributes: new_attributes(given),
        }),
        ChallengeNameType::SoftwareTokenMfa => {
            Ok(ChallengeAnswer::SoftwareToken(secret(required(given, "SOFTWARE_TOKEN_MFA_CODE")?)))
        }
        ChallengeNameType::EmailOtp => {
            Ok(ChallengeAnswer::EmailCode(secret(required(given, "EMAIL_OTP_CODE")?)))
        }
        ChallengeNameType::SmsMfa => {
            Ok(ChallengeAnswer::SmsCode(secret(required(given, "SMS_MFA_CODE")?)))
        }
        // Amplify spells the parameter in capitals, the documentation does not.
        ChallengeNameType::MfaSetup => match given.get("EMAIL").or_else(|| given.get("email")) {
            Some(address) => Ok(ChallengeAnswer::MfaSetupEmail(address.expose().to_owned())),
            None => Ok(ChallengeAnswer::MfaSetup),
        },
        ChallengeNameType::SelectMfaType => {
            Ok(ChallengeAnswer::MfaType(factor(required(given, "ANSWER")?.expose())?))
        }
        other => Err(CognitoError::not_supported(other.as_str())),
    }
}

/// A factor by its name. Codes by e-mail have two in Cognito's documentation.
fn factor(name: &str) -> Result<Factor, CognitoError> {
    match name {
        "SOFTWARE_TOKEN_MFA" => Ok(Factor::Totp),
        "EMAIL_OTP" | "EMAIL_MFA" => Ok(Factor::Email),
        "SMS_MFA" => Ok(Factor::Sms),
        _ => Err(CognitoError::invalid_parameter(
            "ANSWER must be one of SOFTWARE_TOKEN_MFA, EMAIL_OTP and SMS_MFA.",
        )),
    }
}

fn new_attributes(given: &Parameters) -> Attributes {
    let attribute = |(name, value): (&String, &Sensitive)| {
        let name = name.strip_prefix("userAttributes.")?;
        Some((name.to_owned(), value.expose().to_owned()))
    };
    given.iter().filter_map(attribute).collect()
}
