use crate::cognito::Call;
use crate::cognito::error::CognitoError;
use poolkeeper_cognito_api::types::{
    AdminDeleteUserAttributesRequest, AdminDeleteUserAttributesResponse,
};
use poolkeeper_pool::ids::PoolId;

pub(super) async fn run(
    call: Call,
    input: AdminDeleteUserAttributesRequest,
) -> Result<AdminDeleteUserAttributesResponse, CognitoError> {
    let pool = PoolId::from(input.user_pool_id.as_str());
    let names = input.user_attribute_names;
    let emptied: Vec<_> = names.into_iter().map(|name| (name, String::new())).collect();
    call.engine.update_attributes(&call.context, &pool, input.username.expose(), &emptied).await?;
    Ok(AdminDeleteUserAttributesResponse {})
}
