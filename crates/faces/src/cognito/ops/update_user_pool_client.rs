use crate::cognito::app_client::Occasion;
use crate::cognito::error::CognitoError;
use crate::cognito::{Call, app_client};
use poolkeeper_cognito_api::types::{UpdateUserPoolClientRequest, UpdateUserPoolClientResponse};
use poolkeeper_pool::error::Fault;
use poolkeeper_pool::Error;
use poolkeeper_pool::ids::{ClientId, PoolId};

pub(super) async fn run(
    call: Call,
    input: UpdateUserPoolClientRequest,
) -> Result<UpdateUserPoolClientResponse, CognitoError> {
    let id = ClientId::from(input.client_id.as_str());
    let pool = call.engine.pool(&call.context, &PoolId::from(input.user_pool_id.as_str())).await?;
    let found = call.engine.describe_client(&call.context, &pool.id, &id).await?;
    let occasion = Occasion::Update { has_secret: !found.secrets.is_empty() };
    let settings = app_client::as_creation(input, &found)?;
    let new = app_client::from_request(&settings, &pool, occasion)?;
    let client = call.engine.update_client(&call.context, found, new).await.map_err(concurrent)?;
    let secret = call.engine.reveal_client_secret(&client)?;
    let shown = app_client::to_type(&client, secret.as_ref())?;
    Ok(UpdateUserPoolClientResponse { user_pool_client: Some(shown) })
}

/// What the update keeps was read before: it must not undo a change of the meantime.
fn concurrent(error: Error) -> CognitoError {
    match error {
        Error::Fault(Fault::Contended) => CognitoError::new(
            "ConcurrentModificationException",
            "The app client was changed at the same time. Try again.",
        ),
        error => error.into(),
    }
}
