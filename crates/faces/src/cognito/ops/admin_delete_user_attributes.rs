use crate::cognito::Call;
use crate::cognito::error::CognitoError;
use poolkeeper_cognito_api::types::{
    AdminDeleteUserAttributesRequest, AdminDeleteUserAttributesResponse,
};
use poolkeeper_pool::ids::PoolId;

pub(super) async fn run(
    call: Call,
    request: AdminDeleteUserAttributesRequest,
) -> Result<AdminDeleteUserAttributesResponse, CognitoError> {
    let pool = PoolId::from(request.user_pool_id.as_str());
    let names = request.user_attribute_names;
    let emptied: Vec<_> = names.into_iter().map(|name| (name, String::new())).collect();
    call.engine.update_attributes(&pool, request.username.expose(), &emptied).await?;
    Ok(AdminDeleteUserAttributesResponse {})
}
