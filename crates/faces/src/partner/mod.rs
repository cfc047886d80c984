//! The partner API: sign-in for a web application with several partners, in which one user may
//! work for more than one of them.
//!
//! Request members are in snake case, what Cognito returned is in Pascal case. Every failure is
//! the envelope of [`problem`], whose `message` is a key for the client's own translations.

mod api;
mod mfa_token;
mod names;
mod new_password;
mod partners;
mod problem;
mod refresh_token;
mod refusal;
mod reply;
mod request;
mod scope;
mod sign_in;
mod status;

use crate::kit::{Door, Endpoints, Route, under};
use crate::openapi::document;
use axum::extract::Request;
use axum::http::{Method, StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use poolkeeper_pool::ids::{ClientId, GroupName, PoolId};
use poolkeeper_pool::user_pool::{Admission, Directory, Selection, UserPool};
use problem::Problem;
use serde_json::Value;
use std::sync::Arc;

/// The prefix under which the API is documented. By default it is served without one.
pub const DOCUMENTED_PREFIX: &str = "/api/v3";

/// The group that marks suspended accounts.
const DISABLED_GROUP: &str = "account-disabled";

/// The paths that are this face's when it has no prefix.
const TREES: &[&str] = &["/auth", "/partners", "/status"];

/// Where the partner API is mounted.
#[derive(Clone)]
pub struct PartnerMount {
    /// The pool its users are in, by its verbs.
    pub pool: Arc<dyn UserPool>,
    /// The partners.
    pub directory: Arc<dyn Directory>,
    /// The id of the pool.
    pub pool_id: PoolId,
    /// The app client through which users sign in. Its refresh tokens must not rotate: this API
    /// promises that the first one stays good.
    pub client: ClientId,
    /// What stands before every path: empty, or with a slash in front and none at its end, such as
    /// [`DOCUMENTED_PREFIX`]. `/api` is taken by the portal API where both are mounted.
    pub prefix: String,
}

impl PartnerMount {
    pub(crate) fn door(self) -> Door {
        let prefix = self.prefix.clone();
        let router = endpoints().finish(Arc::new(self)).layer(from_fn(answer_preflights));
        Door::new(move |path| under(&prefix, TREES, path), router)
    }

    /// Its endpoints.
    pub fn routes() -> Vec<Route> {
        endpoints().routes()
    }

    /// Its OpenAPI document where it has this prefix.
    pub fn document(prefix: &str) -> Value {
        document(&api::api(), &endpoints().operations(), prefix)
    }

    /// Whether a path is this face's where it has this prefix.
    pub fn claims(prefix: &str, path: &str) -> bool {
        under(prefix, TREES, path).is_some()
    }
}

fn endpoints() -> Endpoints<Arc<PartnerMount>> {
    Endpoints::new(not_found, method_not_allowed)
        .post("/auth", sign_in::handle, sign_in::describe)
        .put("/auth/challenge/mfa-token", mfa_token::handle, mfa_token::describe)
        .put("/auth/challenge/new-password", new_password::handle, new_password::describe)
        .post("/auth/refresh_token", refresh_token::handle, refresh_token::describe)
        .get("/partners", partners::handle, partners::describe)
        .get(status::PATH, status::handle, status::describe)
}

/// Who may sign in, go on and refresh: everybody but suspended accounts. This API has no endpoint
/// at which users could select a second factor.
fn admission() -> Admission {
    let barred_group = Some(GroupName::from(DISABLED_GROUP));
    Admission { barred_group, selection: Selection::Strongest, ..Admission::default() }
}

/// Browsers may call the health check from anywhere, and nothing else: this API is for servers.
async fn answer_preflights(request: Request, next: Next) -> Response {
    if request.method() != Method::OPTIONS {
        return next.run(request).await;
    }
    if request.uri().path() == status::PATH {
        let methods = (header::ACCESS_CONTROL_ALLOW_METHODS, "GET");
        return (StatusCode::NO_CONTENT, [status::ANY_ORIGIN, methods]).into_response();
    }
    Problem::PermissionDenied.into_response()
}

fn not_found() -> Response {
    Problem::NotFound.into_response()
}

fn method_not_allowed() -> Response {
    Problem::MethodNotAllowed.into_response()
}
