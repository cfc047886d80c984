use crate::cognito::error::CognitoError;
use crate::cognito::{Call, user_pool};
use poolkeeper_cognito_api::types::{ListTagsForResourceRequest, ListTagsForResourceResponse};

pub(super) async fn run(
    call: Call,
    input: ListTagsForResourceRequest,
) -> Result<ListTagsForResourceResponse, CognitoError> {
    let pool = user_pool::named_by(&input.resource_arn, call.engine.settings())?;
    Ok(ListTagsForResourceResponse { tags: Some(call.engine.pool_tags(&call.context, &pool).await?) })
}
