use crate::cognito::Call;
use crate::cognito::error::CognitoError;
use poolkeeper_cognito_api::types::AdminAddUserToGroupRequest;
use poolkeeper_pool::ids::{GroupName, PoolId};

pub(super) async fn run(
    call: Call,
    input: AdminAddUserToGroupRequest,
) -> Result<(), CognitoError> {
    let pool = PoolId::from(input.user_pool_id.as_str());
    let group = GroupName::from(input.group_name.as_str());
    Ok(call.engine.add_to_group(&call.context, &pool, input.username.expose(), &group).await?)
}
