use crate::cognito::error::CognitoError;
use crate::cognito::{Call, app_client};
use poolkeeper_cognito_api::types::{
    DescribeUserPoolClientRequest, DescribeUserPoolClientResponse,
};
use poolkeeper_pool::ids::{ClientId, PoolId};

pub(super) async fn run(
    call: Call,
    input: DescribeUserPoolClientRequest,
) -> Result<DescribeUserPoolClientResponse, CognitoError> {
    let pool = PoolId::from(input.user_pool_id.as_str());
    let id = ClientId::from(input.client_id.as_str());
    let client = call.engine.describe_client(&call.context, &pool, &id).await?;
    let secret = call.engine.reveal_client_secret(&client)?;
    let shown = app_client::to_type(&client, secret.as_ref())?;
    Ok(DescribeUserPoolClientResponse { user_pool_client: Some(shown) })
}
