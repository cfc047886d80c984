//! `PUT /api/admin/users/{username}`: set attributes of a user.

use crate::kit::{Context, Members, Name, Operation, most};
use crate::portal::admin::failure::{failure, failures};
use crate::portal::admin::gate::Administrator;
use crate::portal::admin::operation;
use crate::portal::admin::path::{Names, username};
use crate::portal::done::{Done, done};
use crate::portal::failure::{
    ALIAS_EXISTS, Failure, INVALID_PARAMETER, LAST_ADMINISTRATOR, USER_NOT_FOUND,
};
use crate::portal::{PortalMount, api, validation};
use axum::extract::{Request, State};
use axum::response::Response;
use std::collections::BTreeMap;
use std::sync::Arc;

const FAILED: &str = "Failed to update user";

const EMAIL: Name = Name::new("email").about("Counts as verified.").like("ann@example.com");
const ATTRIBUTES: Name = Name::new("attributes").about("An empty value removes an attribute.");

/// The attributes to set. An empty value removes one.
fn read(members: &mut Members) -> BTreeMap<String, String> {
    let email = members.optional_trimmed(EMAIL, 0..=most::NAME);
    let given = members.optional_map(ATTRIBUTES, 0..=most::ENTRIES, 0..=most::VALUE);
    let mut given = given.unwrap_or_default();
    if let Some(email) = email {
        // An administrator vouches for it.
        given.insert("email".to_owned(), email.to_lowercase());
        given.insert("email_verified".to_owned(), "true".to_owned());
    }
    given
}

pub(in crate::portal) fn describe() -> Operation {
    operation(api::USERS, "Set attributes of a user")
        .takes(username())
        .body(read)
        .answers::<Done<'_>>("The attributes were set.")
        .fails(failures(
            FAILED,
            &[USER_NOT_FOUND, INVALID_PARAMETER, ALIAS_EXISTS, LAST_ADMINISTRATOR],
        ))
}

pub(in crate::portal) async fn handle(
    State(mount): State<Arc<PortalMount>>,
    Context(context): Context,
    _: Administrator,
    Names(username): Names<String>,
    request: Request,
) -> Result<Response, Failure> {
    let given: Vec<_> = validation::body(request, read).await?.into_iter().collect();
    let updated =
        mount.administration.update_attributes(&context, &mount.pool_id, &username, &given);
    updated.await.map_err(|error| failure(FAILED, error))?;
    Ok(done("User updated successfully"))
}
