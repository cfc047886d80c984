use crate::cognito::Call;
use crate::cognito::device::{device_type, own_token};
use crate::cognito::error::CognitoError;
use poolkeeper_cognito_api::types::{GetDeviceRequest, GetDeviceResponse};
use poolkeeper_pool::ids::DeviceKey;

pub(super) async fn run(
    call: Call,
    input: GetDeviceRequest,
) -> Result<GetDeviceResponse, CognitoError> {
    let token = own_token(input.access_token.as_ref())?;
    let device = call.engine.own_device(&call.context, &token, &DeviceKey::from(&*input.device_key)).await?;
    Ok(GetDeviceResponse { device: device_type(device) })
}
