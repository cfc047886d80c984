//! How a pool asks for second factors, between the protocol's settings and the engine's.

use poolkeeper_cognito_api::types::{
    EmailMfaConfigType, SetUserPoolMfaConfigRequest, SetUserPoolMfaConfigResponse,
    SmsConfigurationType, SmsMfaConfigType, SoftwareTokenMfaConfigType, UserPoolMfaType,
    WebAuthnConfigurationType, WebAuthnFactorConfigurationType,
};
use poolkeeper_pool::entity::{MfaMode, SecondFactors, Template, UserPoolRecord};
use poolkeeper_pool::local::MfaConfig;
use serde_json::json;

/// What was asked for as the engine takes it. A factor whose block is not given is off, and so is MFA
/// as a whole where the mode is not given.
pub(super) fn from_request(request: SetUserPoolMfaConfigRequest) -> MfaConfig {
    let app = request.software_token_mfa_configuration.as_ref();
    let names_factors = app.is_some()
        || request.email_mfa_configuration.is_some()
        || request.sms_mfa_configuration.is_some();
    let app = app.and_then(|block| block.enabled);
    let factors = SecondFactors {
        software_token: app.unwrap_or_default(),
        email: request.email_mfa_configuration.is_some(),
        sms: request.sms_mfa_configuration.is_some(),
    };
    let email = request.email_mfa_configuration.unwrap_or_default();
    let sms = request.sms_mfa_configuration.unwrap_or_default();
    MfaConfig {
        mode: request.mfa_configuration.map_or(MfaMode::Off, mode),
        factors,
        names_factors,
        messages: Template {
            subject: email.subject,
            email: email.message,
            sms: sms.sms_authentication_message,
        },
        sms_configuration: sms.sms_configuration.map(|given| json!(given)),
        passkeys: request.web_authn_configuration.map(|given| json!(given)),
    }
}

/// How passkeys are set up. A pool whose MFA is on shows the default even if nobody set it.
fn passkeys(pool: &UserPoolRecord) -> Option<WebAuthnConfigurationType> {
    let given = pool.other.passkeys().cloned();
    let given: Option<WebAuthnConfigurationType> =
        given.and_then(|kept| serde_json::from_value(kept).ok());
    if given.is_none() && pool.mfa == MfaMode::Off {
        return None;
    }
    let given = given.unwrap_or_default();
    let factor =
        given.factor_configuration.unwrap_or(WebAuthnFactorConfigurationType::SingleFactor);
    Some(WebAuthnConfigurationType { factor_configuration: Some(factor), ..given })
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
        web_authn_configuration: passkeys(pool),
    }
}
