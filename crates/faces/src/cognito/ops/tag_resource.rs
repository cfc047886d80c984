use crate::cognito::error::CognitoError;
use crate::cognito::{Call, user_pool};
use poolkeeper_cognito_api::types::{TagResourceRequest, TagResourceResponse};

pub(super) async fn run(
    call: Call,
    input: TagResourceRequest,
) -> Result<TagResourceResponse, CognitoError> {
    let pool = user_pool::named_by(&input.resource_arn, call.engine.settings())?;
    call.engine.tag_pool(&call.context, &pool, &input.tags).await?;
    Ok(TagResourceResponse {})
}
