use crate::cognito::Call;
use crate::cognito::convert::group_type;
use crate::cognito::error::CognitoError;
use poolkeeper_cognito_api::types::{UpdateGroupRequest, UpdateGroupResponse};
use poolkeeper_pool::ids::{GroupName, PoolId};
use poolkeeper_pool::local::GroupEdit;

pub(super) async fn run(
    call: Call,
    input: UpdateGroupRequest,
) -> Result<UpdateGroupResponse, CognitoError> {
    let pool = PoolId::from(input.user_pool_id.as_str());
    let name = GroupName::from(input.group_name.as_str());
    let edit = GroupEdit {
        description: input.description,
        role_arn: input.role_arn,
        precedence: input.precedence.map(i64::from),
    };
    let group = call.engine.update_group(&call.context, &pool, &name, edit).await?;
    Ok(UpdateGroupResponse { group: Some(group_type(group)) })
}
