use crate::cognito::Call;
use crate::cognito::device::own_token;
use crate::cognito::error::CognitoError;
use poolkeeper_cognito_api::types::ForgetDeviceRequest;
use poolkeeper_pool::ids::DeviceKey;

pub(super) async fn run(
    call: Call,
    input: ForgetDeviceRequest,
) -> Result<(), CognitoError> {
    let token = own_token(input.access_token.as_ref())?;
    Ok(call.engine.forget_own_device(&call.context, &token, &DeviceKey::from(&*input.device_key)).await?)
}
