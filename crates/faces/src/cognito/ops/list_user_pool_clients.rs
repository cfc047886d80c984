use crate::cognito::error::CognitoError;
use crate::cognito::Call;
use crate::cognito::convert::page_size;
use poolkeeper_cognito_api::types::{
    ClientTypeType, ListUserPoolClientsRequest, ListUserPoolClientsResponse, UserPoolClientDescription,
};
use poolkeeper_pool::entity::AppClient;
use poolkeeper_pool::ids::PoolId;

pub(super) async fn run(
    call: Call,
    input: ListUserPoolClientsRequest,
) -> Result<ListUserPoolClientsResponse, CognitoError> {
    let pool = PoolId::from(input.user_pool_id.as_str());
    if input.client_type == Some(ClientTypeType::Dcr) {
        // Clients do not register themselves here.
        call.engine.pool(&call.context, &pool).await?;
        let none = Some(Vec::new());
        return Ok(ListUserPoolClientsResponse { user_pool_clients: none, next_token: None });
    }
    let (cursor, limit) = (input.next_token.as_deref(), page_size(input.max_results));
    let page = call.engine.list_clients(&call.context, &pool, cursor, limit).await?;
    Ok(ListUserPoolClientsResponse {
        user_pool_clients: Some(page.entries.iter().map(description).collect()),
        next_token: page.next,
    })
}

fn description(client: &AppClient) -> UserPoolClientDescription {
    UserPoolClientDescription {
        client_id: Some(client.id.to_string()),
        user_pool_id: Some(client.pool.to_string()),
        client_name: Some(client.name.clone()),
    }
}
