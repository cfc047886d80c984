use crate::cognito::convert::{page_size, user_type};
use crate::cognito::error::CognitoError;
use crate::cognito::{Call, filter};
use poolkeeper_cognito_api::types::{ListUsersRequest, ListUsersResponse};
use poolkeeper_pool::ids::PoolId;

pub(super) async fn run(
    call: Call,
    input: ListUsersRequest,
) -> Result<ListUsersResponse, CognitoError> {
    let id = PoolId::from(input.user_pool_id.as_str());
    let pool = call.engine.pool(&call.context, &id).await?;
    let asked = input.attributes_to_get;
    if asked.iter().flatten().any(|name| pool.attribute(name).is_none()) {
        return Err(CognitoError::invalid_parameter("Input fails to satisfy the constraints."));
    }
    let filter = filter::parse(input.filter.as_deref().unwrap_or_default())?;
    let limit = page_size(input.limit);
    let cursor = input.pagination_token.as_deref();
    let page = call.engine.list_users_in(&pool, filter.as_ref(), cursor, limit).await?;
    let shown = |name: &str| asked.as_ref().is_none_or(|asked| asked.iter().any(|a| a == name));
    Ok(ListUsersResponse {
        users: Some(page.entries.iter().map(|user| user_type(user, shown)).collect()),
        pagination_token: page.next,
    })
}
