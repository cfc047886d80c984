use crate::cognito::Call;
use crate::cognito::convert::secret;
use crate::cognito::error::CognitoError;
use poolkeeper_cognito_api::types::{ConfirmDeviceRequest, ConfirmDeviceResponse};
use poolkeeper_pool::ids::DeviceKey;
use poolkeeper_pool::local::NewDeviceSecret;

pub(super) async fn run(
    call: Call,
    input: ConfirmDeviceRequest,
) -> Result<ConfirmDeviceResponse, CognitoError> {
    let config = input.device_secret_verifier_config;
    let config = config.ok_or_else(|| CognitoError::missing("DeviceSecretVerifierConfig"))?;
    let (salt, verifier) = (config.salt, config.password_verifier);
    let device = NewDeviceSecret {
        key: DeviceKey::new(input.device_key),
        name: input.device_name,
        salt: secret(&salt.ok_or_else(|| CognitoError::missing("Salt"))?),
        verifier: secret(&verifier.ok_or_else(|| CognitoError::missing("PasswordVerifier"))?),
    };
    let token = secret(&input.access_token);
    let on_prompt = call.engine.confirm_device(&call.context, &token, &device, call.context.address.as_deref()).await?;
    Ok(ConfirmDeviceResponse { user_confirmation_necessary: Some(on_prompt) })
}
