use crate::cognito::Call;
use crate::cognito::device::is_remembered;
use crate::cognito::error::CognitoError;
use poolkeeper_cognito_api::types::{AdminUpdateDeviceStatusRequest, AdminUpdateDeviceStatusResponse};
use poolkeeper_pool::ids::{DeviceKey, PoolId};

pub(super) async fn run(
    call: Call,
    input: AdminUpdateDeviceStatusRequest,
) -> Result<AdminUpdateDeviceStatusResponse, CognitoError> {
    let pool = PoolId::from(input.user_pool_id.as_str());
    let (username, key) = (input.username.expose(), DeviceKey::from(&*input.device_key));
    let remembered = input.device_remembered_status.map(is_remembered);
    call.engine.set_device_status_of(&call.context, &pool, username, &key, remembered).await?;
    Ok(AdminUpdateDeviceStatusResponse {})
}
