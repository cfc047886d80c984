//! The portal API: sign-in for one web application, in the manner of a `FastAPI` service.
//!
//! Everything is in snake case, failures are `{"detail": …}`, and a body that breaks the rules is
//! a 422 with one entry per problem.

mod api;
mod bearer;
mod complete_password_change;
mod cors;
mod failure;
mod health;
mod login;
mod logout;
mod me;
mod refresh_token;
mod user;
mod validation;

use crate::kit::{Door, Endpoints, Route, under};
use crate::openapi::document;
use axum::http::{Method, StatusCode};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use failure::Failure;
use poolkeeper_pool::ids::ClientId;
use poolkeeper_pool::user_pool::UserPool;
use serde_json::Value;
use std::sync::Arc;

/// The paths that are this face's when it has no prefix.
const TREES: &[&str] = &["/", "/health", "/api/auth"];

/// Where the portal API is mounted.
#[derive(Clone)]
pub struct PortalMount {
    /// The pool its users are in, by its verbs.
    pub pool: Arc<dyn UserPool>,
    /// The app client through which users sign in.
    pub client: ClientId,
    /// What stands before every path: empty, or with a slash in front and none at its end.
    pub prefix: String,
    /// Users with these addresses are administrators, as are all in the group `admin`. Case
    /// matters.
    pub admin_addresses: Vec<String>,
    /// The web origins, such as `https://app.example.com`, whose pages may call this API.
    pub cors_origins: Vec<String>,
    /// Whether a login tells an unknown user from a wrong password, as documented, where the app
    /// client allows it too. Otherwise both are `Invalid credentials`.
    pub expose_unknown_users: bool,
}

impl PortalMount {
    pub(crate) fn door(self) -> Door {
        let prefix = self.prefix.clone();
        let mount = Arc::new(self);
        let router =
            endpoints().finish(Arc::clone(&mount)).layer(from_fn_with_state(mount, cors::apply));
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

fn endpoints() -> Endpoints<Arc<PortalMount>> {
    Endpoints::new(not_found, method_not_allowed)
        .post("/api/auth/login", login::handle, login::describe)
        .post(
            "/api/auth/complete-password-change",
            complete_password_change::handle,
            complete_password_change::describe,
        )
        .post("/api/auth/refresh-token", refresh_token::handle, refresh_token::describe)
        // The same under a shorter name.
        .at(Method::POST, "/api/auth/refresh", post(refresh_token::handle))
        .post("/api/auth/logout", logout::handle, logout::describe)
        .get("/api/auth/me", me::handle, me::describe)
        .get("/", health::greeting, health::describe_greeting)
        .get("/health", health::handle, health::describe)
}

fn not_found() -> Response {
    Failure::new(StatusCode::NOT_FOUND, "Not Found").into_response()
}

fn method_not_allowed() -> Response {
    Failure::new(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed").into_response()
}
