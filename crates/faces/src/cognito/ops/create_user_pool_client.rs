use crate::cognito::app_client::Occasion;
use crate::cognito::error::CognitoError;
use crate::cognito::{Call, app_client};
use poolkeeper_cognito_api::types::{CreateUserPoolClientRequest, CreateUserPoolClientResponse};
use poolkeeper_pool::ids::PoolId;

pub(super) async fn run(
    call: Call,
    request: CreateUserPoolClientRequest,
) -> Result<CreateUserPoolClientResponse, CognitoError> {
    let id = PoolId::from(request.user_pool_id.as_str());
    let pool = call.engine.pool(&id).await?;
    let new = app_client::from_request(&request, &pool, Occasion::Creation)?;
    let client = call.engine.create_client(new).await?;
    let secret = call.engine.reveal_client_secret(&client)?;
    let shown = app_client::to_type(&client, secret.as_ref())?;
    Ok(CreateUserPoolClientResponse { user_pool_client: Some(shown) })
}
