//! What the document of this API says of all its endpoints.

use super::problem::{Envelope, Failure, FieldError, Problem};
use crate::kit::{Api, failing};
use schemars::SchemaGenerator;

pub(super) const SIGN_IN: &str = "Signing in";
pub(super) const MFA: &str = "Second factors";
pub(super) const USERS: &str = "Users of a partner";
pub(super) const PARTNERS: &str = "Partners";
pub(super) const HEALTH: &str = "Health";

pub(super) fn api() -> Api {
    let missing = FieldError::new("username", "missing");
    Api {
        title: "Partner API",
        description: "Sign-in for a web application that serves several partners. A user can work \
                      for more than one partner.\n\nMembers of requests are in snake case. What \
                      Cognito returned is in Pascal case. The server ignores unknown members of \
                      requests. Every failure has the same shape; its `message` is a key for the \
                      client's own translations. A trailing slash in a path does not matter.",
        failure: SchemaGenerator::subschema_for::<Envelope<'_>>,
        label: &["/error_code"],
        every: failing([Problem::MethodNotAllowed, Problem::Misdirected]),
        engine: failing([Problem::RateLimited, Problem::Internal, Problem::Unavailable]),
        body: failing([Failure::validation(vec![missing]), Problem::TooLarge.into()]),
        bearer: failing([
            Problem::TokenMissing,
            Problem::TokenInvalid,
            Problem::TokenExpired,
            Problem::AccountDisabled,
            Problem::PermissionDenied,
        ]),
    }
}
