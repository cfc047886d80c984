//! The tenant API: sign-in of people and machines of a named tenant, with Cognito's answer handed
//! through. Members are in Pascal case, and every failure is `{"message", "error"}`.

mod api;
mod failure;
mod login;

use crate::kit::{Door, Endpoints, Route, under};
use crate::openapi::document;
use axum::response::{IntoResponse, Response};
use failure::Failure;
use poolkeeper_pool::ids::ClientId;
use poolkeeper_pool::user_pool::{Directory, UserPool};
use serde_json::Value;
use std::sync::Arc;

const LOGIN: &str = "/login";

/// Where the tenant API is mounted.
#[derive(Clone)]
pub struct TenantMount {
    /// The pools of all tenants, by their verbs.
    pub pool: Arc<dyn UserPool>,
    /// The tenants.
    pub directory: Arc<dyn Directory>,
    /// What stands before every path: empty, or with a slash in front and none at its end.
    pub prefix: String,
    /// An app client of any tenant. Sign-ins to tenants that do not exist are tried against it, so
    /// that they take as long as others; nobody is let in through it.
    pub decoy: ClientId,
}

impl TenantMount {
    pub(crate) fn door(self) -> Door {
        let prefix = self.prefix.clone();
        let router = endpoints().finish(Arc::new(self));
        Door::new(move |path| claim(&prefix, path), router)
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
        claim(prefix, path).is_some()
    }
}

fn endpoints() -> Endpoints<Arc<TenantMount>> {
    Endpoints::new(not_found, method_not_allowed).post(LOGIN, login::handle, login::describe)
}

/// The API is documented as `/Login` and as `/login`: below the prefix, case does not matter.
fn claim(prefix: &str, path: &str) -> Option<String> {
    let below = path.strip_prefix(prefix)?;
    let path = format!("{prefix}{}", below.to_ascii_lowercase());
    under(prefix, &[LOGIN], &path)
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
        assert_eq!(claim("/Oloid", "/Oloid/Login").as_deref(), Some("/login"));
        assert_eq!(claim("/Oloid", "/oloid/Login"), None);
        assert_eq!(claim("", "/loginx"), None);
    }
}
