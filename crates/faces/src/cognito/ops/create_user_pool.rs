use crate::cognito::error::CognitoError;
use crate::cognito::{Call, user_pool};
use poolkeeper_cognito_api::types::{CreateUserPoolRequest, CreateUserPoolResponse};

pub(super) async fn run(
    call: Call,
    input: CreateUserPoolRequest,
) -> Result<CreateUserPoolResponse, CognitoError> {
    let pool = call.engine.create_pool(&call.context, user_pool::from_request(&input)?).await?;
    let shown = user_pool::to_type(&pool, 0, call.engine.settings())?;
    Ok(CreateUserPoolResponse { user_pool: Some(shown) })
}
