use crate::cognito::convert::user_type;
use crate::cognito::error::CognitoError;
use crate::cognito::{Call, filter};
use poolkeeper_cognito_api::types::{ListUsersRequest, ListUsersResponse};
use poolkeeper_pool::ids::PoolId;

const LARGEST_PAGE: usize = 60;

pub(super) async fn run(
    call: Call,
    request: ListUsersRequest,
) -> Result<ListUsersResponse, CognitoError> {
    let id = PoolId::from(request.user_pool_id.as_str());
    let pool = call.engine.pool(&id).await?;
    let asked = request.attributes_to_get;
    if asked.iter().flatten().any(|name| pool.attribute(name).is_none()) {
        return Err(CognitoError::invalid_parameter("Input fails to satisfy the constraints."));
    }
    let filter = filter::parse(request.filter.as_deref().unwrap_or_default())?;
    let limit = request.limit.and_then(|limit| usize::try_from(limit).ok());
    let limit = limit.filter(|limit| *limit > 0).unwrap_or(LARGEST_PAGE);
    let cursor = request.pagination_token.as_deref();
    let page = call.engine.list_users(&id, filter.as_ref(), cursor, limit).await?;
    let shown = |name: &str| asked.as_ref().is_none_or(|asked| asked.iter().any(|a| a == name));
    Ok(ListUsersResponse {
        users: Some(page.users.iter().map(|user| user_type(user, shown)).collect()),
        pagination_token: page.next,
    })
}
