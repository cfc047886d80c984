//! The partner API: sign-in for a web application with several partners, in which one user may
//! work for more than one of them.
//!
//! Request members are in snake case, what Cognito returned is in Pascal case. Every failure is
//! the envelope of [`problem`], whose `message` is a key for the client's own translations.

mod api;
mod auth;
mod features;
mod limits;
mod names;
mod partners;
mod permissions;
mod problem;
mod refusal;
mod reply;
mod request;
mod scope;
mod status;
mod users;

pub use limits::PartnerLimits;

use crate::kit::{Counting, Endpoints, Mount, Route, Unspoken, under};
use crate::openapi::document;
use auth::{forgot_password, mfa_settings, mfa_token, new_password, refresh_token, sign_in, totp};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use limits::Limits;
use poolkeeper_pool::backend::administration::Administration;
use poolkeeper_pool::backend::entry_policy::{EntryPolicy, Selection};
use poolkeeper_pool::backend::partners::{PartnerGroups, Partners};
use poolkeeper_pool::backend::self_service::SelfService;
use poolkeeper_pool::backend::user_pool::{Directory, UserPool};
use poolkeeper_pool::entity;
use poolkeeper_pool::ids::{ClientId, PoolId};
use poolkeeper_pool::request::RequestContext;
use problem::{Failure, Problem};
use serde_json::Value;
use std::sync::Arc;
use users::{change_user, confirm_user, create_user, list_users};

/// The prefix under which the API is documented. By default it is served without one.
pub const DOCUMENTED_PREFIX: &str = "/api/v3";

/// The paths that are this face's when it has no prefix.
const TREES: &[&str] = &["/auth", "/partners", "/permissions", "/features", "/status"];

/// The endpoints at which strangers can try passwords, codes, tokens or names.
const ATTEMPTS: &[&str] = &[
    "/auth",
    "/auth/challenge/mfa-token",
    "/auth/challenge/new-password",
    "/auth/refresh_token",
    "/auth/forgot_password",
    "/auth/forgot_password/confirm",
    "/auth/partners/users/confirm",
];

/// Where the partner API is mounted.
#[derive(Clone)]
pub struct PartnerMount {
    /// The pool its users are in, by its verbs.
    pub pool: Arc<dyn UserPool>,
    /// What its users do for themselves.
    pub self_service: Arc<dyn SelfService>,
    /// What administrators of partners do.
    pub administration: Arc<dyn Administration>,
    /// The partners and the permissions.
    pub directory: Arc<dyn Directory>,
    /// The id of the pool.
    pub pool_id: PoolId,
    /// What authenticator apps show as issuer.
    pub pool_name: String,
    /// The app client through which users sign in. Its refresh tokens must not rotate: this API
    /// promises that the first one stays good.
    pub client: ClientId,
    /// The groups that mean something here.
    pub groups: PartnerGroups,
    /// What stands before every path: empty, or with a slash in front and none at its end, such as
    /// [`DOCUMENTED_PREFIX`]. `/api` is taken by the portal API where both are mounted.
    pub prefix: String,
    /// Applications of the operator's own, as they name themselves: users in the group
    /// of external users have no business there.
    pub first_party_apps: Vec<String>,
    /// How often callers may call.
    pub limits: PartnerLimits,
    /// By what that is counted.
    pub counting: Counting,
}

/// The API, with who called how often.
struct FaceState {
    mount: PartnerMount,
    limits: Limits,
}

impl PartnerMount {
    pub(crate) fn mount(self) -> Mount {
        let (prefix, says_when) = (self.prefix.clone(), self.limits.retry_after);
        let limits = Limits::new(self.limits, &self.counting);
        let state = Arc::new(FaceState { mount: self, limits });
        let guard = from_fn_with_state(Arc::clone(&state), guard);
        let router = endpoints().finish(state).layer(guard);
        let mount = Mount::new(move |path| under(&prefix, TREES, path), Self::routes(), router)
            .of(entity::Face::Partner)
            .misdirecting(|| Problem::Misdirected.into_response());
        mount.turning_away(move |crowded| {
            let mut response = Failure::from(crowded).into_response();
            if !says_when {
                response.headers_mut().remove(header::RETRY_AFTER);
            }
            response
        })
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

fn endpoints() -> Endpoints<Arc<FaceState>> {
    Endpoints::new(not_found, method_not_allowed)
        .post("/auth", sign_in::handle, sign_in::describe)
        .put("/auth/challenge/mfa-token", mfa_token::handle, mfa_token::describe)
        .put("/auth/challenge/new-password", new_password::handle, new_password::describe)
        .post("/auth/refresh_token", refresh_token::handle, refresh_token::describe)
        .post("/auth/forgot_password", forgot_password::ask, forgot_password::describe)
        .post(
            "/auth/forgot_password/confirm",
            forgot_password::confirm,
            forgot_password::describe_confirm,
        )
        .get("/auth/mfa/settings", mfa_settings::show, mfa_settings::describe)
        .put("/auth/mfa/settings", mfa_settings::change, mfa_settings::describe_change)
        .get("/auth/mfa/configure/totp", totp::begin, totp::describe)
        .put("/auth/mfa/configure/totp", totp::prove, totp::describe_proof)
        .get("/auth/partners/users", list_users::handle, list_users::describe)
        .post("/auth/partners/users", create_user::handle, create_user::describe)
        .post("/auth/partners/users/confirm", confirm_user::handle, confirm_user::describe)
        .put(
            "/auth/partners/users/{email}/disable",
            change_user::disable,
            change_user::describe_disable,
        )
        .put(
            "/auth/partners/users/{email}/enable",
            change_user::enable,
            change_user::describe_enable,
        )
        .put(
            "/auth/partners/users/{email}/groups",
            change_user::set_groups,
            change_user::describe_groups,
        )
        .get("/partners", partners::handle, partners::describe)
        .get("/permissions", permissions::handle, permissions::describe)
        .get("/features", features::handle, features::describe)
        .get(status::PATH, status::handle, status::describe)
}

impl FaceState {
    /// Who may sign in, go on, refresh and call: everybody but suspended accounts, those whose
    /// partners are all suspended, and external users at the operator's own applications. This API
    /// has no endpoint at which users could select a second factor.
    fn entry_policy(&self, headers: &HeaderMap) -> EntryPolicy {
        let mut apps = headers.get_all(scope::APP_HEADER).iter();
        let is_own = |app: &HeaderValue| {
            self.mount.first_party_apps.iter().any(|own| own.as_bytes() == app.as_bytes())
        };
        let groups = &self.mount.groups;
        EntryPolicy {
            face: entity::Face::Partner,
            barred_group: Some(groups.suspended.clone()),
            excluded_group: apps.any(is_own).then(|| groups.external.clone()),
            needs_active_partner: true,
            selection: Selection::Strongest,
            hides_users: true,
            ..EntryPolicy::default()
        }
    }

    /// The rules of who may do what for a partner.
    fn partners<'a>(&'a self, request: &'a RequestContext, headers: &HeaderMap) -> Partners<'a> {
        Partners {
            request,
            users: &*self.mount.pool,
            self_service: &*self.mount.self_service,
            administration: &*self.mount.administration,
            directory: &*self.mount.directory,
            pool: &self.mount.pool_id,
            client: &self.mount.client,
            groups: &self.mount.groups,
            entry_policy: self.entry_policy(headers),
        }
    }
}

/// What every request passes: preflights are answered, and attempts counted.
async fn guard(State(state): State<Arc<FaceState>>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let mut response = if request.method() == Method::OPTIONS {
        answer_preflight(path)
    } else if ATTEMPTS.contains(&path)
        && let Err(failure) = state.limits.attempt(request.extensions()).await
    {
        failure.into_response()
    } else {
        next.run(request).await
    };
    if !state.mount.limits.retry_after {
        response.headers_mut().remove(header::RETRY_AFTER);
        response.extensions_mut().insert(Unspoken);
    }
    response
}

/// Browsers may call the health check from anywhere, and nothing else: this API is for servers.
fn answer_preflight(path: &str) -> Response {
    if path == status::PATH {
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
