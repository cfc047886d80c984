//! What the document of this API says of all its endpoints.

use super::failure::{Body, Failure};
use crate::kit::{Api, failing};
use schemars::SchemaGenerator;

pub(super) const SIGN_IN: &str = "Signing in";
pub(super) const CREDENTIALS: &str = "Machine credentials";

pub(super) fn api() -> Api {
    Api {
        title: "Tenant API",
        description: "Sign-in of people and machines of a named tenant, with Cognito's answer \
                      handed through.\n\nMembers are in Pascal case; those of requests that are \
                      not known are ignored. Below the prefix, the case of a path does not matter, \
                      nor does a slash at its end. Access tokens are taken with the word `Bearer` \
                      and without.",
        failure: SchemaGenerator::subschema_for::<Body<'_>>,
        label: &["/message"],
        every: failing([Failure::MethodNotAllowed]),
        engine: failing([Failure::TooManyRequests(1), Failure::Internal, Failure::Unavailable]),
        body: failing([Failure::NotAnObject, Failure::TooLarge]),
        bearer: failing([Failure::TokenInvalid]),
    }
}
