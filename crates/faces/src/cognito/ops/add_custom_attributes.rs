use crate::cognito::error::CognitoError;
use crate::cognito::Call;
use crate::cognito::pool_schema::custom_attribute;
use poolkeeper_cognito_api::types::{AddCustomAttributesRequest, AddCustomAttributesResponse};
use poolkeeper_pool::ids::PoolId;

pub(super) async fn run(
    call: Call,
    input: AddCustomAttributesRequest,
) -> Result<AddCustomAttributesResponse, CognitoError> {
    let pool = PoolId::from(input.user_pool_id.as_str());
    let attributes = input.custom_attributes.iter().map(custom_attribute);
    let attributes = attributes.collect::<Result<Vec<_>, _>>()?;
    call.engine.add_attributes(&call.context, &pool, &attributes).await?;
    Ok(AddCustomAttributesResponse {})
}
