use crate::cognito::error::CognitoError;
use crate::cognito::{Call, user_pool};
use poolkeeper_cognito_api::types::{TagResourceRequest, TagResourceResponse};

pub(super) async fn run(
    call: Call,
    request: TagResourceRequest,
) -> Result<TagResourceResponse, CognitoError> {
    let pool = user_pool::named_by(&request.resource_arn, call.engine.settings())?;
    call.engine.tag_pool(&pool, &request.tags).await?;
    Ok(TagResourceResponse {})
}
