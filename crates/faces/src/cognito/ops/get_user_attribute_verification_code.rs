use crate::cognito::Call;
use crate::cognito::convert::{contact, delivery, secret};
use crate::cognito::error::CognitoError;
use poolkeeper_cognito_api::types::{
    GetUserAttributeVerificationCodeRequest, GetUserAttributeVerificationCodeResponse,
};

pub(super) async fn run(
    call: Call,
    input: GetUserAttributeVerificationCodeRequest,
) -> Result<GetUserAttributeVerificationCodeResponse, CognitoError> {
    let token = secret(&input.access_token);
    let sent = call.engine.send_attribute_code(&call.context, &token, contact(&input.attribute_name)?).await?;
    Ok(GetUserAttributeVerificationCodeResponse { code_delivery_details: Some(delivery(sent)) })
}
