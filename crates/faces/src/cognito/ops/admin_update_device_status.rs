use crate::cognito::Call;
use crate::cognito::device::is_remembered;
use crate::cognito::error::CognitoError;
use poolkeeper_cognito_api::types::{AdminUpdateDeviceStatusRequest, AdminUpdateDeviceStatusResponse};
use poolkeeper_pool::ids::{DeviceKey, PoolId};

pub(super) async fn run(
    call: Call,
    request: AdminUpdateDeviceStatusRequest,
) -> Result<AdminUpdateDeviceStatusResponse, CognitoError> {
    let pool = PoolId::from(request.user_pool_id.as_str());
    let (username, key) = (request.username.expose(), DeviceKey::from(&*request.device_key));
    let remembered = request.device_remembered_status.map(is_remembered);
    call.engine.set_device_status_of(&pool, username, &key, remembered).await?;
    Ok(AdminUpdateDeviceStatusResponse {})
}
