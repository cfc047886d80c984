use crate::cognito::Call;
use crate::cognito::convert::page_size;
use crate::cognito::device::device_type;
use crate::cognito::error::CognitoError;
use poolkeeper_cognito_api::types::{AdminListDevicesRequest, AdminListDevicesResponse};
use poolkeeper_pool::ids::PoolId;

pub(super) async fn run(
    call: Call,
    input: AdminListDevicesRequest,
) -> Result<AdminListDevicesResponse, CognitoError> {
    let pool = PoolId::from(input.user_pool_id.as_str());
    let (cursor, limit) = (input.pagination_token.as_deref(), page_size(input.limit));
    let username = input.username.expose();
    let page = call.engine.list_devices_of(&call.context, &pool, username, cursor, limit).await?;
    Ok(AdminListDevicesResponse {
        devices: Some(page.entries.into_iter().map(device_type).collect()),
        pagination_token: page.next,
    })
}
