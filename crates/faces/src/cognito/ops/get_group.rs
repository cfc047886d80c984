use crate::cognito::Call;
use crate::cognito::convert::group_type;
use crate::cognito::error::CognitoError;
use poolkeeper_cognito_api::types::{GetGroupRequest, GetGroupResponse};
use poolkeeper_pool::ids::{GroupName, PoolId};

pub(super) async fn run(
    call: Call,
    input: GetGroupRequest,
) -> Result<GetGroupResponse, CognitoError> {
    let pool = PoolId::from(input.user_pool_id.as_str());
    let group = call.engine.group(&call.context, &pool, &GroupName::from(input.group_name.as_str())).await?;
    Ok(GetGroupResponse { group: Some(group_type(group)) })
}
