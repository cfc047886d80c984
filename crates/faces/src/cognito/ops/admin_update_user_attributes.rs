use crate::cognito::Call;
use crate::cognito::convert::attribute_pairs;
use crate::cognito::error::CognitoError;
use poolkeeper_cognito_api::types::{
    AdminUpdateUserAttributesRequest, AdminUpdateUserAttributesResponse,
};
use poolkeeper_pool::ids::PoolId;

pub(super) async fn run(
    call: Call,
    request: AdminUpdateUserAttributesRequest,
) -> Result<AdminUpdateUserAttributesResponse, CognitoError> {
    let pool = PoolId::from(request.user_pool_id.as_str());
    let given = attribute_pairs(&request.user_attributes)?;
    call.engine.update_attributes(&pool, request.username.expose(), &given).await?;
    Ok(AdminUpdateUserAttributesResponse {})
}
