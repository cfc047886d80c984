use crate::cognito::Call;
use crate::cognito::convert::{contact, delivery, secret};
use crate::cognito::error::CognitoError;
use poolkeeper_cognito_api::types::{
    GetUserAttributeVerificationCodeRequest, GetUserAttributeVerificationCodeResponse,
};

pub(super) async fn run(
    call: Call,
    request: GetUserAttributeVerificationCodeRequest,
) -> Result<GetUserAttributeVerificationCodeResponse, CognitoError> {
    let token = secret(&request.access_token);
    let sent = call.engine.send_attribute_code(&token, contact(&request.attribute_name)?).await?;
    Ok(GetUserAttributeVerificationCodeResponse { code_delivery_details: Some(delivery(sent)) })
}
