use crate::cognito::Call;
use crate::cognito::convert::{epoch, secret, sensitive};
use crate::cognito::error::CognitoError;
use poolkeeper_cognito_api::types::{
    AddUserPoolClientSecretRequest, AddUserPoolClientSecretResponse, ClientSecretDescriptorType,
};
use poolkeeper_pool::entity::ClientSecret;
use poolkeeper_pool::ids::{ClientId, PoolId};

pub(super) async fn run(
    call: Call,
    input: AddUserPoolClientSecretRequest,
) -> Result<AddUserPoolClientSecretResponse, CognitoError> {
    let pool = PoolId::from(input.user_pool_id.as_str());
    let client = ClientId::from(input.client_id.as_str());
    let given = input.client_secret.as_ref().map(secret);
    let (added, value) = call.engine.add_client_secret(&call.context, &pool, &client, given).await?;
    let shown = ClientSecretDescriptorType {
        client_secret_value: Some(sensitive(&value)),
        ..descriptor(&added)
    };
    Ok(AddUserPoolClientSecretResponse { client_secret_descriptor: Some(shown) })
}

/// A secret without its value.
pub(super) fn descriptor(secret: &ClientSecret) -> ClientSecretDescriptorType {
    ClientSecretDescriptorType {
        client_secret_id: Some(secret.id.clone()),
        client_secret_value: None,
        client_secret_create_date: Some(epoch(secret.created_at)),
    }
}
