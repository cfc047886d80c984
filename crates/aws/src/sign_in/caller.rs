//! Who asks, as Amazon's threat protection wants to know it.

use aws_sdk_cognitoidentityprovider::types::{ContextDataType, HttpHeader};
use poolkeeper_pool::entity::Face;
use poolkeeper_pool::request::RequestContext;

/// The caller's address and library, for signed calls. Without it, Amazon would take our own address for
/// that of every caller. Of callers without an address, such as commands, there is nothing to say.
pub(crate) fn context_data(request: &RequestContext) -> Option<ContextDataType> {
    let agent = request.user_agent.as_ref();
    let agent = agent.map(|agent| header("User-Agent", agent));
    let data = ContextDataType::builder()
        .ip_address(request.address.as_ref()?)
        .server_name("poolkeeper")
        .server_path(path(request.learned().face))
        .set_http_headers(Some(agent.into_iter().collect()));
    data.build().ok()
}

fn header(name: &str, value: &str) -> HttpHeader {
    HttpHeader::builder().header_name(name).header_value(value).build()
}

/// By the API and not by what was asked for, which differs from call to call of one sign-in.
const fn path(face: Option<Face>) -> &'static str {
    match face {
        Some(Face::Partner) => "/partner",
        Some(Face::Portal) => "/portal",
        Some(Face::Tenant) => "/tenant",
        Some(Face::Cognito) | None => "/",
    }
}
