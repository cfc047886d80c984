use crate::cognito::Call;
use crate::cognito::convert::attribute_pairs;
use crate::cognito::error::CognitoError;
use poolkeeper_cognito_api::types::{
    AdminUpdateUserAttributesRequest, AdminUpdateUserAttributesResponse,
};
use poolkeeper_pool::ids::PoolId;

pub(super) async fn run(
    call: Call,
    input: AdminUpdateUserAttributesRequest,
) -> Result<AdminUpdateUserAttributesResponse, CognitoError> {
    let pool = PoolId::from(input.user_pool_id.as_str());
    let given = attribute_pairs(&input.user_attributes)?;
    call.engine.update_attributes(&call.context, &pool, input.username.expose(), &given).await?;
    Ok(AdminUpdateUserAttributesResponse {})
}
