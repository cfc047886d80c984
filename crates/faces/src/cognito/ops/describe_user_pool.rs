use crate::cognito::error::CognitoError;
use crate::cognito::{Call, user_pool};
use poolkeeper_cognito_api::types::{DescribeUserPoolRequest, DescribeUserPoolResponse};
use poolkeeper_pool::ids::PoolId;

pub(super) async fn run(
    call: Call,
    input: DescribeUserPoolRequest,
) -> Result<DescribeUserPoolResponse, CognitoError> {
    let id = PoolId::from(input.user_pool_id.as_str());
    let (pool, users) = call.engine.describe_pool(&call.context, &id).await?;
    let shown = user_pool::to_type(&pool, users, call.engine.settings())?;
    Ok(DescribeUserPoolResponse { user_pool: Some(shown) })
}
