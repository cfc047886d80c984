//! The portal API: sign-in for one web application, in the manner of a `FastAPI` service.
//!
//! Everything is in snake case, failures are `{"detail": …}`, and a body that breaks the rules is
//! a 422 with one entry per problem.

mod admin;
mod api;
mod auth;
mod bearer;
mod cors;
mod docs;
mod done;
mod entry;
mod failure;
mod health;
mod limit;
mod user;
mod username;
mod validation;

use crate::kit::{Counting, Endpoints, Limiter, Mount, Route, under};
use crate::openapi::document;
use auth::{
    change_password, complete_mfa, complete_password_change, forgot_password, login, logout, me,
    refresh_token, register, reset_password, verify,
};
use axum::http::{Method, StatusCode};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use failure::Failure;
use poolkeeper_pool::backend::administration::Administration;
use poolkeeper_pool::backend::administrators::Administrators;
use poolkeeper_pool::backend::entry_policy::{EntryPolicy, Selection};
use poolkeeper_pool::backend::self_service::SelfService;
use poolkeeper_pool::backend::user_pool::UserPool;
use poolkeeper_pool::entity;
use poolkeeper_pool::ids::{ClientId, PoolId};
use serde_json::Value;
use std::num::NonZeroU32;
use std::sync::Arc;

/// The paths that are this face's when it has no prefix.
const TREES: &[&str] =
    &["/", "/health", "/api/auth", "/api/admin", "/admin", docs::DOCS, docs::REDOC, docs::OPENAPI];

/// What the API says in the words of whoever runs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PortalTexts {
    /// What `GET /` answers.
    pub greeting: String,
    /// What `GET /health` calls the service.
    pub service: String,
    /// The name of users who have none.
    pub unnamed_user: String,
}

impl Default for PortalTexts {
    fn default() -> Self {
        Self {
            greeting: "Poolkeeper is running".to_owned(),
            service: "poolkeeper".to_owned(),
            unnamed_user: "User".to_owned(),
        }
    }
}

/// Where the portal API is mounted.
#[derive(Clone)]
pub struct PortalMount {
    /// The pool its users are in, by the verbs of signing in.
    pub pool: Arc<dyn UserPool>,
    /// The same pool, by what users do for themselves.
    pub self_service: Arc<dyn SelfService>,
    /// The same pool, by what administrators do.
    pub administration: Arc<dyn Administration>,
    /// The id of the pool.
    pub pool_id: PoolId,
    /// The app client through which users sign in.
    pub client: ClientId,
    /// What stands before every path: empty, or with a slash in front and none at its end.
    pub prefix: String,
    /// What it says in the operator's words.
    pub texts: PortalTexts,
    /// Who administers.
    pub administrators: Administrators,
    /// The web origins, such as `https://app.example.com`, whose pages may call this API.
    pub cors_origins: Vec<String>,
    /// Whether answers tell that a user is not there, as documented, where the app client allows
    /// it too. Otherwise a login says `Invalid credentials`, and one who forgot a password is
    /// answered alike whoever it is. The app client must hide users then, so that the work is
    /// alike as well.
    pub expose_unknown_users: bool,
    /// Whether people may sign up.
    pub registration: bool,
    /// Whether users are asked for a second factor that they have. Otherwise they cannot sign in here.
    pub second_factors: bool,
    /// How often in a minute one address may call each of the endpoints that take passwords, codes
    /// or refresh tokens; `None` means as often as it likes.
    pub attempts_per_address: Option<NonZeroU32>,
    /// By what that is counted.
    pub counting: Counting,
}

impl PortalMount {
    /// Who may come in: everybody who may sign in at all.
    fn entry_policy(&self) -> EntryPolicy {
        let hides_users = !self.expose_unknown_users;
        // It asks for one factor, and does not ask which.
        let selection = if self.second_factors { Selection::Strongest } else { Selection::ByUser };
        EntryPolicy { face: entity::Face::Portal, hides_users, selection, ..EntryPolicy::default() }
    }

    /// `api_docs` says whether it also describes itself.
    pub(crate) fn mount(self, api_docs: bool) -> Mount {
        let prefix = self.prefix.clone();
        let mount = Arc::new(self);
        let endpoints = endpoints(Offered {
            registration: mount.registration,
            second_factors: mount.second_factors,
        });
        let endpoints =
            if api_docs { docs::endpoints(endpoints, &mount.prefix) } else { endpoints };
        let routes = endpoints.routes();
        let most = mount.attempts_per_address;
        let attempts = Limiter::per_minute("portal attempts", most, &mount.counting);
        let router = endpoints
            .finish(Arc::clone(&mount))
            .layer(from_fn_with_state(Arc::new(attempts), limit::apply))
            .layer(from_fn_with_state(mount, cors::apply));
        let claim = move |path: &str| under(&prefix, TREES, path).map(admin::documented);
        Mount::new(claim, routes, router)
            .of(entity::Face::Portal)
            // Within what lets pages read the answer.
            .turning_away_itself()
            .misdirecting(misdirected)
    }

    /// Its endpoints, with those for signing up.
    pub fn routes() -> Vec<Route> {
        endpoints(Offered::ALL).routes()
    }

    /// Its OpenAPI document where it has this prefix, with the endpoints for signing up.
    pub fn document(prefix: &str) -> Value {
        document(&api::api(), &endpoints(Offered::ALL).operations(), prefix)
    }

    /// Whether a path is this face's where it has this prefix.
    pub fn claims(prefix: &str, path: &str) -> bool {
        under(prefix, TREES, path).is_some()
    }
}

fn endpoints(offered: Offered) -> Endpoints<Arc<PortalMount>> {
    let auth = Endpoints::new(not_found, method_not_allowed)
        .post(login::PATH, login::handle, login::describe)
        .post(
            "/api/auth/complete-password-change",
            complete_password_change::handle,
            complete_password_change::describe,
        )
        .post("/api/auth/refresh-token", refresh_token::handle, refresh_token::describe)
        // The same under a shorter name.
        .at(Method::POST, "/api/auth/refresh", post(refresh_token::handle))
        .post("/api/auth/logout", logout::handle, logout::describe)
        .post("/api/auth/forgot-password", forgot_password::handle, forgot_password::describe)
        .post("/api/auth/reset-password", reset_password::handle, reset_password::describe)
        .get("/api/auth/me", me::handle, me::describe)
        .post("/api/auth/change-password", change_password::handle, change_password::describe);
    let all = admin::endpoints(offered.add(auth));
    all.get("/", health::greeting, health::describe_greeting).get(
        "/health",
        health::handle,
        health::describe,
    )
}

/// What is there only if the operator wants it.
#[derive(Clone, Copy)]
struct Offered {
    registration: bool,
    second_factors: bool,
}

impl Offered {
    const ALL: Self = Self { registration: true, second_factors: true };

    /// Adds its endpoints.
    fn add(self, mut all: Endpoints<Arc<PortalMount>>) -> Endpoints<Arc<PortalMount>> {
        if self.second_factors {
            all = all.post(complete_mfa::PATH, complete_mfa::handle, complete_mfa::describe);
        }
        if self.registration {
            all = all.post("/api/auth/register", register::handle, register::describe).post(
                "/api/auth/verify",
                verify::handle,
                verify::describe,
            );
        }
        all
    }
}

fn not_found() -> Response {
    Failure::new(StatusCode::NOT_FOUND, "Not Found").into_response()
}

fn method_not_allowed() -> Response {
    Failure::new(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed").into_response()
}

fn misdirected() -> Response {
    Failure::new(StatusCode::MISDIRECTED_REQUEST, "Misdirected Request").into_response()
}
