use crate::cognito::Call;
use crate::cognito::convert::group_type;
use crate::cognito::error::CognitoError;
use poolkeeper_cognito_api::types::{CreateGroupRequest, CreateGroupResponse};
use poolkeeper_pool::ids::{GroupName, PoolId};
use poolkeeper_pool::backend::administration::NewGroup;

pub(super) async fn run(
    call: Call,
    input: CreateGroupRequest,
) -> Result<CreateGroupResponse, CognitoError> {
    let new = NewGroup {
        pool: PoolId::from(input.user_pool_id.as_str()),
        name: GroupName::from(input.group_name.as_str()),
        description: input.description,
        role_arn: input.role_arn,
        precedence: input.precedence.map(i64::from),
    };
    let group = call.engine.create_group(&call.context, new).await?;
    Ok(CreateGroupResponse { group: Some(group_type(group)) })
}
