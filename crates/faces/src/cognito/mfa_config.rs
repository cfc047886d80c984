//! How a pool asks for second factors, between the protocol's settings and the engine's.

use super::error::CognitoError;
use poolkeeper_cognito_api::types::{
    EmailMfaConfigType, SetUserPoolMfaConfigRequest, SetUserPoolMfaConfigResponse,
    SmsConfigurationType, SmsMfaConfigType, SoftwareTokenMfaConfigType, UserPoolMfaType,
    UserVerificationType, WebAuthnConfigurationType,
};
use poolkeeper_pool::entity::{MfaMode, SecondFactors, Template, UserPoolRecord};
use poolkeeper_pool::local::MfaConfig;
use serde_json::json;

/// What was asked for as the engine takes it. A factor whose block is not given is off.
pub(super) fn from_request(
    request: SetUserPoolMfaConfigRequest,
) -> Result<MfaConfig, CognitoError> {
    let passkeys = request.web_authn_configuration.as_ref();
    if passkeys.is_some_and(|given| !is_trivial(given)) {
        return Err(CognitoError::not_supported("WebAuthnConfiguration"));
    }
    let app = request.software_token_mfa_configuration.and_then(|block| block.enabled);
    let factors = SecondFactors {
        software_token: app.unwrap_or_default(),
        email: request.email_mfa_configuration.is_some(),
        sms: request.sms_mfa_configuration.is_some(),
    };
    let email = request.email_mfa_configuration.unwrap_or_default();
    let sms = request.sms_mfa_configuration.unwrap_or_default();
    Ok(MfaConfig {
        mode: request.mfa_configuration.map(mode),
        factors,
        messages: Template {
            subject: email.subject,
            email: email.message,
            sms: sms.sms_authentication_message,
        },
        sms_configuration: sms.sms_configuration.map(|given| json!(given)),
    })
}

/// Whether passkeys are left as they are by default.
fn is_trivial(given: &WebAuthnConfigurationType) -> bool {
    let default = WebAuthnConfigurationType::default();
    let preferred = Some(UserVerificationType::Preferred);
    *given == default
        || *given == WebAuthnConfigurationType { user_verification: preferred, ..default }
}

pub(super) fn mode(given: UserPoolMfaType) -> MfaMode {
    match given {
        UserPoolMfaType::On => MfaMode::On,
        UserPoolMfaType::Optional => MfaMode::Optional,
        UserPoolMfaType::Off => MfaMode::Off,
    }
}

/// A pool's second factors as Cognito shows them: none, where it never asks for one.
pub(super) fn to_type(pool: &UserPoolRecord) -> SetUserPoolMfaConfigResponse {
    let off = SecondFactors { software_token: false, email: false, sms: false };
    let factors = if pool.mfa == MfaMode::Off { off } else { pool.rules.second_factors };
    let messages = pool.rules.templates.sign_in.clone();
    let sending = pool.other.sms_configuration().cloned();
    let sending: Option<SmsConfigurationType> =
        sending.and_then(|kept| serde_json::from_value(kept).ok());
    SetUserPoolMfaConfigResponse {
        sms_mfa_configuration: factors.sms.then_some(SmsMfaConfigType {
            sms_authentication_message: messages.sms,
            sms_configuration: sending,
        }),
        software_token_mfa_configuration: factors
            .software_token
            .then_some(SoftwareTokenMfaConfigType { enabled: Some(true) }),
        email_mfa_configuration: factors
            .email
            .then_some(EmailMfaConfigType { message: messages.email, subject: messages.subject }),
        mfa_configuration: UserPoolMfaType::from_name(pool.mfa.as_str()),
        web_authn_configuration: None,
    }
}
