use crate::cognito::Call;
use crate::cognito::error::CognitoError;
use poolkeeper_cognito_api::types::AdminForgetDeviceRequest;
use poolkeeper_pool::ids::{DeviceKey, PoolId};

pub(super) async fn run(
    call: Call,
    input: AdminForgetDeviceRequest,
) -> Result<(), CognitoError> {
    let pool = PoolId::from(input.user_pool_id.as_str());
    let (username, key) = (input.username.expose(), DeviceKey::from(&*input.device_key));
    Ok(call.engine.forget_device_of(&call.context, &pool, username, &key).await?)
}
