use crate::cognito::Call;
use crate::cognito::convert::group_type;
use crate::cognito::error::CognitoError;
use poolkeeper_cognito_api::types::{CreateGroupRequest, CreateGroupResponse};
use poolkeeper_pool::ids::{GroupName, PoolId};
use poolkeeper_pool::administration::NewGroup;

pub(super) async fn run(
    call: Call,
    request: CreateGroupRequest,
) -> Result<CreateGroupResponse, CognitoError> {
    let new = NewGroup {
        pool: PoolId::from(request.user_pool_id.as_str()),
        name: GroupName::from(request.group_name.as_str()),
        description: request.description,
        role_arn: request.role_arn,
        precedence: request.precedence.map(i64::from),
    };
    let group = call.engine.create_group(new).await?;
    Ok(CreateGroupResponse { group: Some(group_type(group)) })
}
