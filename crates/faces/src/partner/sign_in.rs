//! `POST /auth`: sign in with a password.

use super::problem::{Failure, Problem};
use super::{PartnerMount, admission, api, names, reply, request};
use crate::kit::{Members, Operation, caller_address};
use axum::extract::{Request, State};
use axum::response::Response;
use poolkeeper_pool::password;
use poolkeeper_pool::secret::Secret;
use poolkeeper_pool::user_pool::SignIn;
use std::sync::Arc;

const MAX_USERNAME: usize = 128;

struct Body {
    username: String,
    password: Secret,
}

impl Body {
    fn read(members: &mut Members) -> Self {
        // The keys of a remembered device skip the second factor. No device is remembered yet, and
        // a key that is not known is no error: the sign-in goes on without it.
        members.optional_secret(names::DEVICE_KEY);
        members.optional_secret(names::DEVICE_GROUP_KEY);
        Self {
            username: members.trimmed(names::USERNAME, 1..=MAX_USERNAME),
            password: members.secret(names::PASSWORD, 1..=password::MAX_LENGTH),
        }
    }
}

pub(super) fn describe() -> Operation {
    let operation = Operation::new(api::SIGN_IN, "Sign in with a password")
        .about("Look for `AccessToken` in the answer first and for `Challenge` then.")
        .body(Body::read);
    reply::describe(operation).fails([
        Problem::InvalidCredentials,
        Problem::AccountDisabled,
        Problem::UserNotConfirmed,
        Problem::PasswordResetRequired,
    ])
}

pub(super) async fn handle(
    State(mount): State<Arc<PartnerMount>>,
    request: Request,
) -> Result<Response, Failure> {
    let address = caller_address(request.extensions());
    let Body { username, password } = request::body(request, Body::read).await?;
    let (client, admission) = (mount.client.clone(), admission());
    let device = None;
    let command = SignIn { client, username, password, device, admission, address };
    Ok(reply::outcome(&mount.pool.sign_in(command).await?))
}
