use crate::cognito::Call;
use crate::cognito::error::CognitoError;
use poolkeeper_cognito_api::types::DeleteGroupRequest;
use poolkeeper_pool::ids::{GroupName, PoolId};

pub(super) async fn run(call: Call, request: DeleteGroupRequest) -> Result<(), CognitoError> {
    let pool = PoolId::from(request.user_pool_id.as_str());
    let group = GroupName::from(request.group_name.as_str());
    Ok(call.engine.delete_group(&pool, &group).await?)
}
