use crate::cognito::Call;
use crate::cognito::convert::epoch;
use crate::cognito::error::CognitoError;
use poolkeeper_cognito_api::types::{CreateGroupRequest, CreateGroupResponse, GroupType};
use poolkeeper_pool::ids::{GroupName, PoolId};
use poolkeeper_pool::local::NewGroup;

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
    let shown = GroupType {
        group_name: Some(group.name.to_string()),
        user_pool_id: Some(group.pool.to_string()),
        description: group.description,
        role_arn: group.role_arn,
        precedence: group.precedence.and_then(|precedence| i32::try_from(precedence).ok()),
        last_modified_date: Some(epoch(group.modified_at)),
        creation_date: Some(epoch(group.created_at)),
    };
    Ok(CreateGroupResponse { group: Some(shown) })
}
