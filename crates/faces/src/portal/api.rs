//! What the document of this API says of all its endpoints.

use super::failure::{Failure, Shape};
use super::{bearer, method_not_allowed, misdirected, validation};
use crate::kit::{Api, failing};
use schemars::SchemaGenerator;

pub(super) const SIGN_IN: &str = "Signing in";
pub(super) const PASSWORDS: &str = "Passwords";
pub(super) const SIGN_UP: &str = "Signing up";
pub(super) const USER: &str = "User";
pub(super) const USERS: &str = "Administration of users";
pub(super) const GROUPS: &str = "Administration of groups";
pub(super) const HEALTH: &str = "Health";

pub(super) fn api() -> Api {
    Api {
        title: "Portal API",
        description: "Sign-in for one web application, in the style of a FastAPI \
                      service.\n\nMembers are in snake case, except those of `delivery`. The \
                      server ignores unknown members of requests. Failures are `{\"detail\": …}`: \
                      a text, or for an invalid body a list with one entry per problem. A trailing \
                      slash in a path does not matter.",
        failure: SchemaGenerator::subschema_for::<Shape<'_>>,
        label: &["/detail", "/detail/0/msg"],
        every: failing([method_not_allowed(), misdirected()]),
        engine: failing([Failure::overloaded()]),
        body: failing(validation::failures()),
        bearer: failing(bearer::failures()),
    }
}
