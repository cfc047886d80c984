use crate::cognito::Call;
use crate::cognito::convert::{page_size, secret};
use crate::cognito::device::device_type;
use crate::cognito::error::CognitoError;
use poolkeeper_cognito_api::types::{ListDevicesRequest, ListDevicesResponse};

pub(super) async fn run(
    call: Call,
    input: ListDevicesRequest,
) -> Result<ListDevicesResponse, CognitoError> {
    let (cursor, limit) = (input.pagination_token.as_deref(), page_size(input.limit));
    let token = secret(&input.access_token);
    let page = call.engine.list_own_devices(&call.context, &token, cursor, limit).await?;
    Ok(ListDevicesResponse {
        devices: Some(page.entries.into_iter().map(device_type).collect()),
        pagination_token: page.next,
    })
}
