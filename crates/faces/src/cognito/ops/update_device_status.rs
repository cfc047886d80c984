use crate::cognito::Call;
use crate::cognito::convert::secret;
use crate::cognito::device::is_remembered;
use crate::cognito::error::CognitoError;
use poolkeeper_cognito_api::types::{UpdateDeviceStatusRequest, UpdateDeviceStatusResponse};
use poolkeeper_pool::ids::DeviceKey;

pub(super) async fn run(
    call: Call,
    request: UpdateDeviceStatusRequest,
) -> Result<UpdateDeviceStatusResponse, CognitoError> {
    let (token, key) = (secret(&request.access_token), DeviceKey::from(&*request.device_key));
    let remembered = request.device_remembered_status.map(is_remembered);
    call.engine.set_own_device_status(&token, &key, remembered).await?;
    Ok(UpdateDeviceStatusResponse {})
}
