use crate::cognito::Call;
use crate::cognito::convert::{page_size, user_type};
use crate::cognito::error::CognitoError;
use poolkeeper_cognito_api::types::{ListUsersInGroupRequest, ListUsersInGroupResponse};
use poolkeeper_pool::ids::{GroupName, PoolId};

pub(super) async fn run(
    call: Call,
    input: ListUsersInGroupRequest,
) -> Result<ListUsersInGroupResponse, CognitoError> {
    let pool = PoolId::from(input.user_pool_id.as_str());
    let group = GroupName::from(input.group_name.as_str());
    let (cursor, limit) = (input.next_token.as_deref(), page_size(input.limit));
    let page = call.engine.list_users_in_group(&call.context, &pool, &group, cursor, limit).await?;
    Ok(ListUsersInGroupResponse {
        users: Some(page.entries.iter().map(|user| user_type(user, |_| true)).collect()),
        next_token: page.next,
    })
}
