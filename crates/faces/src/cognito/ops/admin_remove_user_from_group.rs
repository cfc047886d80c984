use crate::cognito::Call;
use crate::cognito::error::CognitoError;
use poolkeeper_cognito_api::types::AdminRemoveUserFromGroupRequest;
use poolkeeper_pool::ids::{GroupName, PoolId};

pub(super) async fn run(
    call: Call,
    request: AdminRemoveUserFromGroupRequest,
) -> Result<(), CognitoError> {
    let pool = PoolId::from(request.user_pool_id.as_str());
    let group = GroupName::from(request.group_name.as_str());
    Ok(call.engine.remove_from_group(&pool, request.username.expose(), &group).await?)
}
