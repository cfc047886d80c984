use crate::cognito::Call;
use crate::cognito::device::device_type;
use crate::cognito::error::CognitoError;
use poolkeeper_cognito_api::types::{AdminGetDeviceRequest, AdminGetDeviceResponse};
use poolkeeper_pool::ids::{DeviceKey, PoolId};

pub(super) async fn run(
    call: Call,
    input: AdminGetDeviceRequest,
) -> Result<AdminGetDeviceResponse, CognitoError> {
    let pool = PoolId::from(input.user_pool_id.as_str());
    let (username, key) = (input.username.expose(), DeviceKey::from(&*input.device_key));
    let device = call.engine.device_of(&call.context, &pool, username, &key).await?;
    Ok(AdminGetDeviceResponse { device: device_type(device) })
}
