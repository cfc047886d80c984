use crate::cognito::Call;
use crate::cognito::convert::secret;
use crate::cognito::error::CognitoError;
use poolkeeper_cognito_api::types::{DeleteUserAttributesRequest, DeleteUserAttributesResponse};

pub(super) async fn run(
    call: Call,
    input: DeleteUserAttributesRequest,
) -> Result<DeleteUserAttributesResponse, CognitoError> {
    let names = input.user_attribute_names.into_iter();
    let emptied: Vec<_> = names.map(|name| (name, String::new())).collect();
    call.engine.update_own_attributes(&call.context, &secret(&input.access_token), &emptied).await?;
    Ok(DeleteUserAttributesResponse {})
}
