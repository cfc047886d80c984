use crate::cognito::error::CognitoError;
use crate::cognito::{Call, user_pool};
use poolkeeper_cognito_api::types::{UpdateUserPoolRequest, UpdateUserPoolResponse};
use poolkeeper_pool::ids::PoolId;

pub(super) async fn run(
    call: Call,
    request: UpdateUserPoolRequest,
) -> Result<UpdateUserPoolResponse, CognitoError> {
    let pool = PoolId::from(request.user_pool_id.as_str());
    call.engine.update_pool(&pool, &user_pool::from_update(request)?).await?;
    Ok(UpdateUserPoolResponse {})
}
