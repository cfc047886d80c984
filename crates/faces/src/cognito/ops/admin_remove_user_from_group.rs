use crate::cognito::Call;
use crate::cognito::error::CognitoError;
use poolkeeper_cognito_api::types::AdminRemoveUserFromGroupRequest;
use poolkeeper_pool::ids::{GroupName, PoolId};

pub(super) async fn run(
    call: Call,
    input: AdminRemoveUserFromGroupRequest,
) -> Result<(), CognitoError> {
    let pool = PoolId::from(input.user_pool_id.as_str());
    let group = GroupName::from(input.group_name.as_str());
    Ok(call.engine.remove_from_group(&call.context, &pool, input.username.expose(), &group).await?)
}
