use crate::cognito::Call;
use crate::cognito::convert::{group_type, page_size};
use crate::cognito::error::CognitoError;
use poolkeeper_cognito_api::types::{ListGroupsRequest, ListGroupsResponse};
use poolkeeper_pool::ids::PoolId;

pub(super) async fn run(
    call: Call,
    input: ListGroupsRequest,
) -> Result<ListGroupsResponse, CognitoError> {
    let pool = PoolId::from(input.user_pool_id.as_str());
    let (cursor, limit) = (input.next_token.as_deref(), page_size(input.limit));
    let page = call.engine.list_groups(&call.context, &pool, cursor, limit).await?;
    Ok(ListGroupsResponse {
        groups: Some(page.entries.into_iter().map(group_type).collect()),
        next_token: page.next,
    })
}
