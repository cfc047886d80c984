use crate::cognito::error::CognitoError;
use crate::cognito::Call;
use crate::cognito::convert::{epoch, page_size};
use poolkeeper_cognito_api::types::{
    LambdaConfigType, ListUserPoolsRequest, ListUserPoolsResponse, UserPoolDescriptionType,
};
use poolkeeper_pool::entity::UserPoolRecord;

pub(super) async fn run(
    call: Call,
    input: ListUserPoolsRequest,
) -> Result<ListUserPoolsResponse, CognitoError> {
    let (cursor, limit) = (input.next_token.as_deref(), page_size(Some(input.max_results)));
    let page = call.engine.list_pools(cursor, limit).await?;
    Ok(ListUserPoolsResponse {
        user_pools: Some(page.entries.iter().map(description).collect()),
        next_token: page.next,
    })
}

fn description(pool: &UserPoolRecord) -> UserPoolDescriptionType {
    UserPoolDescriptionType {
        id: Some(pool.id.to_string()),
        name: Some(pool.name.clone()),
        lambda_config: Some(LambdaConfigType::default()),
        last_modified_date: Some(epoch(pool.modified_at)),
        creation_date: Some(epoch(pool.created_at)),
        ..UserPoolDescriptionType::default()
    }
}
