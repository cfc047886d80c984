//! What the document of this API says of all its endpoints.

use super::failure::{Body, Failure};
use crate::kit::{Api, failing};
use schemars::SchemaGenerator;

pub(super) const SIGN_IN: &str = "Signing in";
pub(super) const CREDENTIALS: &str = "Machine credentials";

pub(super) fn api() -> Api {
    Api {
        title: "Tenant API",
        description: "Sign-in for the people and machines of a tenant. Answers contain Cognito's \
                      answer.\n\nMembers are in Pascal case. The server ignores unknown members of \
                      requests. After the prefix, upper and lower case in a path are the same, and \
                      a trailing slash does not matter. Access tokens are accepted with or without \
                      the word `Bearer`. A JSON object is read \
                      under any Content-Type; web pages must say `application/json`.",
        failure: SchemaGenerator::subschema_for::<Body<'_>>,
        label: &["/message"],
        every: failing([Failure::MethodNotAllowed, Failure::Misdirected]),
        engine: failing([Failure::TooManyRequests(1), Failure::Internal, Failure::Unavailable]),
        body: failing([Failure::not_an_object(), Failure::TooLarge]),
        bearer: failing([Failure::TokenInvalid]),
    }
}
