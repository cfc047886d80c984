use crate::cognito::Call;
use crate::cognito::convert::{group_type, page_size};
use crate::cognito::error::CognitoError;
use poolkeeper_cognito_api::types::{ListGroupsRequest, ListGroupsResponse};
use poolkeeper_pool::ids::PoolId;

pub(super) async fn run(
    call: Call,
    request: ListGroupsRequest,
) -> Result<ListGroupsResponse, CognitoError> {
    let pool = PoolId::from(request.user_pool_id.as_str());
    let (cursor, limit) = (request.next_token.as_deref(), page_size(request.limit));
    let page = call.engine.list_groups(&pool, cursor, limit).await?;
    Ok(ListGroupsResponse {
        groups: Some(page.entries.into_iter().map(group_type).collect()),
        next_token: page.next,
    })
}
