use crate::cognito::Call;
use crate::cognito::convert::{group_type, page_size};
use crate::cognito::error::CognitoError;
use poolkeeper_cognito_api::types::{
    AdminListGroupsForUserRequest, AdminListGroupsForUserResponse,
};
use poolkeeper_pool::ids::PoolId;

pub(super) async fn run(
    call: Call,
    request: AdminListGroupsForUserRequest,
) -> Result<AdminListGroupsForUserResponse, CognitoError> {
    let pool = PoolId::from(request.user_pool_id.as_str());
    let (cursor, limit) = (request.next_token.as_deref(), page_size(request.limit));
    let name = request.username.expose();
    let page = call.engine.list_groups_of(&pool, name, cursor, limit).await?;
    Ok(AdminListGroupsForUserResponse {
        groups: Some(page.entries.into_iter().map(group_type).collect()),
        next_token: page.next,
    })
}
