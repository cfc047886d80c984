use crate::cognito::Call;
use crate::cognito::convert::{group_type, page_size};
use crate::cognito::error::CognitoError;
use poolkeeper_cognito_api::types::{
    AdminListGroupsForUserRequest, AdminListGroupsForUserResponse,
};
use poolkeeper_pool::ids::PoolId;

pub(super) async fn run(
    call: Call,
    input: AdminListGroupsForUserRequest,
) -> Result<AdminListGroupsForUserResponse, CognitoError> {
    let pool = PoolId::from(input.user_pool_id.as_str());
    let (cursor, limit) = (input.next_token.as_deref(), page_size(input.limit));
    let name = input.username.expose();
    let page = call.engine.list_groups_of(&call.context, &pool, name, cursor, limit).await?;
    Ok(AdminListGroupsForUserResponse {
        groups: Some(page.entries.into_iter().map(group_type).collect()),
        next_token: page.next,
    })
}
