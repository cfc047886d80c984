use crate::cognito::error::CognitoError;
use crate::cognito::{Call, user_pool};
use poolkeeper_cognito_api::types::{UpdateUserPoolRequest, UpdateUserPoolResponse};
use poolkeeper_pool::ids::PoolId;

pub(super) async fn run(
    call: Call,
    input: UpdateUserPoolRequest,
) -> Result<UpdateUserPoolResponse, CognitoError> {
    let pool = PoolId::from(input.user_pool_id.as_str());
    call.engine.update_pool(&call.context, &pool, &user_pool::from_update(input)?).await?;
    Ok(UpdateUserPoolResponse {})
}
