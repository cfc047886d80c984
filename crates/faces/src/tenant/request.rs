//! What the endpoints read of a request.

use super::failure::Failure;
use crate::kit::{Members, Name, members};
use axum::extract::Request;

pub(super) const TENANT_NAME: Name =
    Name::new("TenantName").about("Upper and lower case are the same.").like("Acme");
pub(super) const REFRESH_TOKEN: Name =
    Name::new("RefreshToken").about("A refresh token from a login to this API.");
pub(super) const CLIENT_ID: Name = Name::new("ClientID")
    .about("The client id of the machine credential.")
    .like("4f0c1x2y3z4f0c1x2y3z4f0c1x");

/// The body, as `read` reads it. `needed` is what callers are told whose body breaks the rules.
pub(super) async fn body<T>(
    request: Request,
    read: impl FnOnce(&mut Members) -> T,
    needed: &'static str,
) -> Result<T, Failure> {
    let members = members(request).await.map_err(|flaw| Failure::of_body(&flaw, needed))?;
    members.read(read).map_err(|_| Failure::Invalid(needed.into()))
}
