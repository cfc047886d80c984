use crate::cognito::Call;
use crate::cognito::convert::secret;
use crate::cognito::error::CognitoError;
use poolkeeper_cognito_api::types::{
    EmailMfaSettingsType, SMSMfaSettingsType, SetUserMFAPreferenceRequest,
    SetUserMFAPreferenceResponse, SoftwareTokenMfaSettingsType, WebAuthnMfaSettingsType,
};
use poolkeeper_pool::backend::self_service::{FactorSetting, MfaPreference};

pub(super) async fn run(
    call: Call,
    input: SetUserMFAPreferenceRequest,
) -> Result<SetUserMFAPreferenceResponse, CognitoError> {
    let preference = preference(Blocks {
        sms: input.sms_mfa_settings,
        totp: input.software_token_mfa_settings,
        email: input.email_mfa_settings,
        web_authn: input.web_authn_mfa_settings,
    })?;
    call.engine.set_mfa_preference(&call.context, &secret(&input.access_token), preference).await?;
    Ok(SetUserMFAPreferenceResponse {})
}

/// The settings of a input, a block for each factor.
pub(super) struct Blocks {
    pub(super) sms: Option<SMSMfaSettingsType>,
    pub(super) totp: Option<SoftwareTokenMfaSettingsType>,
    pub(super) email: Option<EmailMfaSettingsType>,
    pub(super) web_authn: Option<WebAuthnMfaSettingsType>,
}

/// What the blocks mean to the engine. A member that is not given is false; a block that is not
/// given leaves its factor as it is.
pub(super) fn preference(blocks: Blocks) -> Result<MfaPreference, CognitoError> {
    if blocks.web_authn.is_some_and(|block| block.enabled == Some(true)) {
        return Err(CognitoError::not_supported("WebAuthnMfaSettings"));
    }
    Ok(MfaPreference {
        totp: blocks.totp.map(|block| setting(block.enabled, block.preferred_mfa)),
        email: blocks.email.map(|block| setting(block.enabled, block.preferred_mfa)),
        sms: blocks.sms.map(|block| setting(block.enabled, block.preferred_mfa)),
    })
}

fn setting(enabled: Option<bool>, preferred: Option<bool>) -> FactorSetting {
    FactorSetting {
        enabled: enabled.unwrap_or_default(),
        preferred: preferred.unwrap_or_default(),
    }
}
