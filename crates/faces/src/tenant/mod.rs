//! The tenant API: sign-in of people and machines of a named tenant, with Cognito's answer handed
//! through. Members are in Pascal case, and every failure is `{"message", "error"}`.

mod administrator;
mod api;
mod cors;
mod create_credential;
mod credential;
mod delete_credential;
mod failure;
mod gate;
mod list_credentials;
mod login;
mod logout;
mod refresh_token;
mod reply;
mod request;
mod respond_to_challenge;

use crate::kit::{
    Blocked, Counting, Endpoints, Limiter, Mount, Origin, Route, Wait, context_of, under,
};
use crate::openapi::document;
use axum::http::Extensions;
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use failure::Failure;
use poolkeeper_pool::backend::tenancy::Tenancy;
use poolkeeper_pool::backend::user_pool::{Directory, UserPool};
use poolkeeper_pool::entity;
use serde_json::Value;
use std::num::NonZeroU32;
use std::sync::Arc;

const LOGIN: &str = "/login";
const RESPOND_TO_CHALLENGE: &str = "/respondtochallenge";
const REFRESH_TOKEN: &str = "/refreshtoken";
const LOGOUT: &str = "/logout";
const CREDENTIALS: &str = "/credentials";
const CREATE_CREDENTIAL: &str = "/credentials/create";
const DELETE_CREDENTIAL: &str = "/credentials/delete";

/// The paths that are this face's when it has no prefix.
const TREES: &[&str] = &[LOGIN, RESPOND_TO_CHALLENGE, REFRESH_TOKEN, LOGOUT, CREDENTIALS];

/// Where the tenant API is mounted.
#[derive(Clone)]
pub struct TenantMount {
    /// The pools of all tenants, by their verbs.
    pub pool: Arc<dyn UserPool>,
    /// The tenants.
    pub directory: Arc<dyn Directory>,
    /// What their administrators do.
    pub tenancy: Arc<dyn Tenancy>,
    /// By what it is told who has tried too often.
    pub counting: Counting,
    /// What stands before every path: empty, or with a slash in front and none at its end.
    pub prefix: String,
    /// Whether the tokens are in an answer a second time, outside `AuthenticationResult`.
    pub flat_tokens: bool,
    /// The web origins, such as `https://app.example.com`, whose pages may call this API.
    pub cors_origins: Vec<String>,
    /// How often in a minute one address may try to log in, and how often to answer a challenge;
    /// `None` means as often as it likes.
    pub attempts_per_address: Option<NonZeroU32>,
}

/// The API, with who tried how often.
struct FaceState {
    mount: TenantMount,
    logins: Attempts,
    answers: Attempts,
}

/// How often each address tried something.
struct Attempts(Limiter);

impl Attempts {
    async fn check(&self, extensions: &Extensions) -> Result<(), Failure> {
        let Some(origin) = Origin::of(extensions) else { return Ok(()) };
        self.0.check(&context_of(extensions), origin.to_string()).await.map_err(|blocked| {
            match blocked {
                Blocked::TooMany(Wait(seconds)) => Failure::TooManyRequests(seconds),
                Blocked::Failed(error) => error.into(),
            }
        })
    }
}

impl TenantMount {
    pub(crate) fn mount(self) -> Mount {
        let prefix = self.prefix.clone();
        let attempts =
            |name| Attempts(Limiter::per_minute(name, self.attempts_per_address, &self.counting));
        let (logins, answers) = (attempts("tenant logins"), attempts("tenant answers"));
        let state = Arc::new(FaceState { mount: self, logins, answers });
        let router =
            endpoints().finish(Arc::clone(&state)).layer(from_fn_with_state(state, cors::apply));
        Mount::new(move |path| claim(&prefix, path), Self::routes(), router)
            .of(entity::Face::Tenant)
            .turning_away(|crowded| Failure::crowded(crowded).into_response())
            .misdirecting(|| Failure::Misdirected.into_response())
    }

    /// Its endpoints.
    pub fn routes() -> Vec<Route> {
        endpoints().routes()
    }

    /// Its `OpenAPI` document where it has this prefix.
    pub fn document(prefix: &str) -> Value {
        document(&api::api(), &endpoints().operations(), prefix)
    }

    /// Whether a path is this face's where it has this prefix.
    pub fn claims(prefix: &str, path: &str) -> bool {
        claim(prefix, path).is_some()
    }
}

fn endpoints() -> Endpoints<Arc<FaceState>> {
    Endpoints::new(not_found, method_not_allowed)
        .post(LOGIN, login::handle, login::describe)
        .post(RESPOND_TO_CHALLENGE, respond_to_challenge::handle, respond_to_challenge::describe)
        .post(REFRESH_TOKEN, refresh_token::handle, refresh_token::describe)
        .post(LOGOUT, logout::handle, logout::describe)
        .post(CREDENTIALS, list_credentials::handle, list_credentials::describe)
        .post(CREATE_CREDENTIAL, create_credential::handle, create_credential::describe)
        .post(DELETE_CREDENTIAL, delete_credential::handle, delete_credential::describe)
}

/// The API is documented as `/Login` and as `/login`: below the prefix, case does not matter.
fn claim(prefix: &str, path: &str) -> Option<String> {
    let below = path.strip_prefix(prefix)?;
    let path = format!("{prefix}{}", below.to_ascii_lowercase());
    under(prefix, TREES, &path)
}

fn not_found() -> Response {
    Failure::NotFound.into_response()
}

fn method_not_allowed() -> Response {
    Failure::MethodNotAllowed.into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_is_claimed_in_any_case() {
        for path in ["/Login", "/login", "/LOGIN", "/Login/"] {
            assert_eq!(claim("", path).as_deref(), Some("/login"), "{path}");
        }
        assert_eq!(claim("/Devices", "/Devices/Login").as_deref(), Some("/login"));
        assert_eq!(claim("", "/Credentials/Create").as_deref(), Some(CREATE_CREDENTIAL));
        assert_eq!(claim("/Devices", "/devices/Login"), None);
        assert_eq!(claim("", "/loginx"), None);
    }
}
