use crate::cognito::app_client::Occasion;
use crate::cognito::error::CognitoError;
use crate::cognito::{Call, app_client};
use poolkeeper_cognito_api::types::{CreateUserPoolClientRequest, CreateUserPoolClientResponse};
use poolkeeper_pool::ids::PoolId;

pub(super) async fn run(
    call: Call,
    input: CreateUserPoolClientRequest,
) -> Result<CreateUserPoolClientResponse, CognitoError> {
    let id = PoolId::from(input.user_pool_id.as_str());
    let pool = call.engine.pool(&call.context, &id).await?;
    let new = app_client::from_request(&input, &pool, Occasion::Creation)?;
    let client = call.engine.create_client(&call.context, new).await?;
    let secret = call.engine.reveal_client_secret(&client)?;
    let shown = app_client::to_type(&client, secret.as_ref())?;
    Ok(CreateUserPoolClientResponse { user_pool_client: Some(shown) })
}
