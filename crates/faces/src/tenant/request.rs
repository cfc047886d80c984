//! What the endpoints read of a request.

use super::failure::Failure;
use crate::kit::{Flaw, Members, Name, Rejected, members_of_any_type};
use axum::extract::Request;
use serde_json::Value;
use std::borrow::Cow;

pub(super) const TENANT_NAME: Name =
    Name::new("TenantName").about("Upper and lower case are the same.").like("Acme");
pub(super) const REFRESH_TOKEN: Name =
    Name::new("RefreshToken").about("A refresh token from a login to this API.");
pub(super) const CLIENT_ID: Name = Name::new("ClientID")
    .about("The client id of the machine credential.")
    .like("4f0c1x2y3z4f0c1x2y3z4f0c1x");

/// The body, as `read` reads it, whatever its content type. `needed` is what callers are told whose
/// body breaks the rules, and then which members do.
pub(super) async fn body<T>(
    request: Request,
    read: impl FnOnce(&mut Members) -> T,
    needed: &'static str,
) -> Result<T, Failure> {
    let members = members_of_any_type(request).await;
    let members = members.map_err(|flaw| Failure::of_body(flaw, needed))?;
    members.read(read).map_err(|Rejected { flaws, values }| {
        let flaws = flaws.into_iter();
        let told = flaws.map(|(name, flaw)| format!("{name} {}", what(flaw, values.get(name))));
        Failure::Invalid(format!("{needed}: {}", told.collect::<Vec<_>>().join(", ")).into())
    })
}

/// What is wrong with a member of this value, after its name.
fn what(flaw: Flaw, value: Option<&Value>) -> Cow<'static, str> {
    match (flaw, value) {
        (Flaw::Missing, _) => "is missing".into(),
        (Flaw::Repeated, _) => "comes more than once".into(),
        (Flaw::WrongType, _) => "has the wrong type".into(),
        (Flaw::Unknown, _) => "has an unknown value".into(),
        (Flaw::TooShort, Some(Value::Number(_))) => "is too small".into(),
        (Flaw::TooShort, Some(Value::Array(_))) => "has an empty entry".into(),
        (Flaw::TooShort, _) => "is empty".into(),
        (Flaw::TooLong(most), Some(Value::Number(_))) => format!("is larger than {most}").into(),
        (Flaw::TooLong(most), Some(Value::Array(_) | Value::Object(_))) => {
            format!("or an entry of it is longer than {most}").into()
        }
        (Flaw::TooLong(most), _) => format!("is longer than {most} characters").into(),
    }
}
