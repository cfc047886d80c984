use crate::cognito::error::CognitoError;
use crate::cognito::{Call, user_pool};
use poolkeeper_cognito_api::types::{UntagResourceRequest, UntagResourceResponse};

pub(super) async fn run(
    call: Call,
    input: UntagResourceRequest,
) -> Result<UntagResourceResponse, CognitoError> {
    let pool = user_pool::named_by(&input.resource_arn, call.engine.settings())?;
    call.engine.untag_pool(&call.context, &pool, &input.tag_keys).await?;
    Ok(UntagResourceResponse {})
}
