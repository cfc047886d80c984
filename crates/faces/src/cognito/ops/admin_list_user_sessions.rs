use super::list_user_sessions::{ListedDescription, refuse_token};
use crate::cognito::Call;
use crate::cognito::error::CognitoError;
use poolkeeper_cognito_api::types::{AdminListUserSessionsRequest, AdminListUserSessionsResponse};
use poolkeeper_pool::ids::PoolId;

pub(super) async fn run(
    call: Call,
    input: AdminListUserSessionsRequest,
) -> Result<AdminListUserSessionsResponse, CognitoError> {
    refuse_token(input.next_token.as_deref())?;
    let pool = PoolId::from(input.user_pool_id.as_str());
    let listed = call.engine.admin_list_sessions(&call.context, &pool, input.username.expose()).await?;
    let sessions = listed.into_iter().map(|listed| ListedDescription(listed).plain());
    Ok(AdminListUserSessionsResponse { sessions: Some(sessions.collect()), next_token: None })
}
