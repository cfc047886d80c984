use crate::cognito::Call;
use crate::cognito::convert::secret;
use crate::cognito::device::is_remembered;
use crate::cognito::error::CognitoError;
use poolkeeper_cognito_api::types::{UpdateDeviceStatusRequest, UpdateDeviceStatusResponse};
use poolkeeper_pool::ids::DeviceKey;

pub(super) async fn run(
    call: Call,
    input: UpdateDeviceStatusRequest,
) -> Result<UpdateDeviceStatusResponse, CognitoError> {
    let (token, key) = (secret(&input.access_token), DeviceKey::from(&*input.device_key));
    let remembered = input.device_remembered_status.map(is_remembered);
    call.engine.set_own_device_status(&call.context, &token, &key, remembered).await?;
    Ok(UpdateDeviceStatusResponse {})
}
