//! Reading a request's body, with what is wrong with it in this API's words.

use super::problem::{Failure, FieldError, Problem};
use crate::kit::{BodyFlaw, Crowded, Flaw, Members, members};
use axum::extract::Request;

/// What errors about the body as a whole give as their field.
const WHOLE_BODY: &str = "body";

/// Reads the members that `read` takes out of the body.
pub(super) async fn body<T>(
    request: Request,
    read: impl FnOnce(&mut Members) -> T,
) -> Result<T, Failure> {
    let members = match members(request).await {
        // Nothing at all lacks what an empty object lacks.
        Err(BodyFlaw::Empty) => Members::default(),
        members => members?,
    };
    members.read(read).map_err(|rejected| {
        let flaws = rejected.flaws.into_iter();
        Failure::validation(flaws.map(|(field, flaw)| FieldError::new(field, code(flaw))).collect())
    })
}

const fn code(flaw: Flaw) -> &'static str {
    match flaw {
        Flaw::Missing => "missing",
        Flaw::Repeated => "duplicate",
        Flaw::WrongType => "invalid_type",
        Flaw::TooShort => "too_short",
        Flaw::TooLong(_) => "too_long",
        Flaw::Unknown => "invalid_value",
    }
}

impl From<BodyFlaw> for Failure {
    fn from(flaw: BodyFlaw) -> Self {
        match flaw {
            BodyFlaw::TooLarge => Problem::TooLarge.into(),
            BodyFlaw::Crowded(crowded) => crowded.into(),
            BodyFlaw::NotJson => Self::invalid("Content-Type", "invalid_value"),
            BodyFlaw::Unfinished
            | BodyFlaw::Empty
            | BodyFlaw::NotText
            | BodyFlaw::TooDeep
            | BodyFlaw::Malformed { .. } => Self::invalid(WHOLE_BODY, "invalid_json"),
            BodyFlaw::Null | BodyFlaw::NotAnObject => Self::invalid(WHOLE_BODY, "invalid_type"),
        }
    }
}

impl From<Crowded> for Failure {
    fn from(crowded: Crowded) -> Self {
        match crowded {
            Crowded::Origin => Self::rate_limited(Crowded::WAIT),
            Crowded::Everywhere => Self::unavailable_for(Crowded::WAIT),
        }
    }
}
