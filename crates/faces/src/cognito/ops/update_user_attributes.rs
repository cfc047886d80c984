use crate::cognito::Call;
use crate::cognito::convert::{attribute_pairs, delivery, secret};
use crate::cognito::error::CognitoError;
use poolkeeper_cognito_api::types::{UpdateUserAttributesRequest, UpdateUserAttributesResponse};

pub(super) async fn run(
    call: Call,
    input: UpdateUserAttributesRequest,
) -> Result<UpdateUserAttributesResponse, CognitoError> {
    let given = attribute_pairs(&input.user_attributes)?;
    let token = secret(&input.access_token);
    let deliveries = call.engine.update_own_attributes(&call.context, &token, &given).await?;
    Ok(UpdateUserAttributesResponse {
        code_delivery_details_list: Some(deliveries.into_iter().map(delivery).collect()),
    })
}
