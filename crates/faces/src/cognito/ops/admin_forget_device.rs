use crate::cognito::Call;
use crate::cognito::error::CognitoError;
use poolkeeper_cognito_api::types::AdminForgetDeviceRequest;
use poolkeeper_pool::ids::{DeviceKey, PoolId};

pub(super) async fn run(
    call: Call,
    request: AdminForgetDeviceRequest,
) -> Result<(), CognitoError> {
    let pool = PoolId::from(request.user_pool_id.as_str());
    let (username, key) = (request.username.expose(), DeviceKey::from(&*request.device_key));
    Ok(call.engine.forget_device_of(&pool, username, &key).await?)
}
