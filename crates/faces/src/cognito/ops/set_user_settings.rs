use crate::cognito::Call;
use crate::cognito::convert::secret;
use crate::cognito::error::CognitoError;
use poolkeeper_cognito_api::types::{
    DeliveryMediumType, MFAOptionType, SetUserSettingsRequest, SetUserSettingsResponse,
};

pub(super) async fn run(
    call: Call,
    input: SetUserSettingsRequest,
) -> Result<SetUserSettingsResponse, CognitoError> {
    let sms = asks_for_sms(&input.mfa_options)?;
    call.engine.set_user_settings(&call.context, &secret(&input.access_token), sms).await?;
    Ok(SetUserSettingsResponse {})
}

/// Text messages to the phone number are all that can be asked for this way.
pub(super) fn asks_for_sms(options: &[MFAOptionType]) -> Result<bool, CognitoError> {
    let is_sms = |option: &MFAOptionType| {
        option.delivery_medium == Some(DeliveryMediumType::Sms)
            && option.attribute_name.as_deref() == Some("phone_number")
    };
    if options.iter().all(is_sms) {
        Ok(!options.is_empty())
    } else {
        Err(CognitoError::invalid_parameter(
            "MFAOptions can name the DeliveryMedium SMS and the AttributeName phone_number only.",
        ))
    }
}
