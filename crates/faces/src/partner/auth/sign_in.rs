//! `POST /auth`: sign in with a password.

use crate::kit::{Context, Members, Operation, most};
use crate::partner::problem::Failure;
use crate::partner::{FaceState, api, names, reply, request, scope};
use axum::extract::{Request, State};
use axum::response::Response;
use poolkeeper_pool::backend::user_pool::{DevicePair, SignIn, Via};
use poolkeeper_pool::crypto::secret::Secret;
use poolkeeper_pool::ids::DeviceKey;
use std::sync::Arc;

struct Body {
    username: String,
    password: Secret,
    device: Option<DevicePair>,
}

impl Body {
    fn read(members: &mut Members) -> Self {
        // Where the pool is at Amazon, the group's key is sealed. Swapped keys are none of the user's.
        let key = members.optional_secret(names::DEVICE_KEY, 0..=most::TOKEN);
        let group_key = members.optional_secret(names::DEVICE_GROUP_KEY, 0..=most::TOKEN);
        // One key without the other is none.
        let device = key
            .zip(group_key)
            .map(|(key, group_key)| DevicePair { key: DeviceKey::new(key.expose()), group_key });
        Self {
            username: members.trimmed(names::USERNAME, 1..=most::NAME),
            password: members.secret(names::PASSWORD, 1..=most::PASSWORD),
            device,
        }
    }
}

pub(in crate::partner) fn describe() -> Operation {
    let operation = Operation::new(api::SIGN_IN, "Sign in with a password")
        .about("In the answer, look for `AccessToken` first, then for `Challenge`.")
        .takes(scope::app_parameter())
        .body(Body::read);
    reply::describe(operation)
}

pub(in crate::partner) async fn handle(
    State(state): State<Arc<FaceState>>,
    Context(context): Context,
    request: Request,
) -> Result<Response, Failure> {
    let entry_policy = state.entry_policy(request.headers());
    let Body { username, password, device } = request::body(request, Body::read).await?;
    let via = Via::trusted(&state.mount.client);
    let claims_device = device.is_some();
    let command = SignIn { via, username, password, device, entry_policy };
    let outcome = state.mount.pool.sign_in(&context, command).await?;
    if claims_device { reply::outcome_on_device(&outcome) } else { reply::outcome(&outcome) }
}
