use crate::cognito::Call;
use crate::cognito::convert::{contact, secret};
use crate::cognito::error::CognitoError;
use poolkeeper_cognito_api::types::{VerifyUserAttributeRequest, VerifyUserAttributeResponse};
use poolkeeper_pool::crypto::secret::Secret;

pub(super) async fn run(
    call: Call,
    input: VerifyUserAttributeRequest,
) -> Result<VerifyUserAttributeResponse, CognitoError> {
    let (token, code) = (secret(&input.access_token), Secret::from(input.code.as_str()));
    call.engine.verify_attribute(&call.context, &token, contact(&input.attribute_name)?, &code)
        .await
        .map_err(CognitoError::from)
        .map_err(|error| error.without_given("AliasExistsException"))?;
    Ok(VerifyUserAttributeResponse {})
}
