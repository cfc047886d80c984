use crate::cognito::Call;
use crate::cognito::device::own_token;
use crate::cognito::error::CognitoError;
use poolkeeper_cognito_api::types::ForgetDeviceRequest;
use poolkeeper_pool::ids::DeviceKey;

pub(super) async fn run(
    call: Call,
    request: ForgetDeviceRequest,
) -> Result<(), CognitoError> {
    let token = own_token(request.access_token.as_ref())?;
    Ok(call.engine.forget_own_device(&token, &DeviceKey::from(&*request.device_key)).await?)
}
