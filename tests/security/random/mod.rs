//! Random requests to the real router. Whatever is sent, the answer is a success or a refusal of bounded
//! length, in the words of the face. Each is tried for a second; CONTRIBUTING.md says how to go on.

mod filters;
#[path = "../../../crates/faces/src/tests/json.rs"]
mod json;
mod operations;
mod pages;
mod sign_in_apis;
mod signatures;
mod targets;

use super::MOST_TOLD;
use crate::support::{Answer, PASSWORD, TENANT, TENANT_GROUP, TestServer, config};
use axum::http::HeaderValue;
use bolero::TypeGenerator;
use json::{Json, odd};
use poolkeeper::system::operator;
use poolkeeper_pool::entity::{Grant, Tenant};
use serde_json::{Value, json};
use std::panic::AssertUnwindSafe;
use std::path::Path;
use tokio::runtime::{Builder, Runtime};

/// Who administers the tenant.
const ADMINS: &str = "acme-admins";

/// A server, and what its calls run on.
struct Site {
    runtime: Runtime,
    server: TestServer,
}

impl Site {
    /// Whoever panics here ends the test, and nobody sees what is left of it.
    fn new() -> AssertUnwindSafe<Self> {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let mut config = config(Path::new(""));
        config.portal_api.as_mut().unwrap().registration = true;
        let server = runtime.block_on(TestServer::with(config));
        AssertUnwindSafe(Self { runtime, server })
    }

    /// Runs to the end. What the store was asked is forgotten: it would grow for as long as this goes on.
    fn wait<T>(&self, work: impl Future<Output = T>) -> T {
        let done = self.runtime.block_on(work);
        self.server.store.calls();
        done
    }
}

/// In whose words something is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Face {
    Cognito,
    Partner,
    Portal,
    Tenant,
}

impl Face {
    /// Panics unless an answer is a success or a refusal in this face's words.
    #[track_caller]
    fn check(self, answer: &Answer, what: &str) {
        let headers = answer.headers.values().map(HeaderValue::len).sum::<usize>();
        let told = answer.text.len() + headers;
        // Cognito's protocol lists what is wrong, up to fifty times.
        let is_list = self == Self::Cognito && answer.text.contains("validation errors detected");
        let most = if is_list { 50 * 1024 } else { MOST_TOLD };
        let good = answer.status.is_success() || self.refuses(answer) && told < most;
        let text: String = answer.text.chars().take(500).collect();
        assert!(good, "{self:?} {what}: {} {told} {text}", answer.status);
    }

    fn refuses(self, answer: &Answer) -> bool {
        let body: Value = serde_json::from_str(&answer.text).unwrap_or_default();
        let says = |name: &str| body.get(name).is_some_and(Value::is_string);
        let is_refusal = answer.status.is_client_error();
        match self {
            Self::Cognito => is_refusal && says("__type"),
            Self::Partner => is_refusal && says("message") && says("error_code"),
            Self::Tenant => is_refusal && says("message") && says("error"),
            Self::Portal => match body.get("detail") {
                Some(Value::Array(entries)) => is_refusal && !entries.is_empty(),
                // The API documents 500 for refusals of Cognito's that it has no words for.
                Some(Value::String(detail)) => is_refusal || detail.ends_with("Exception"),
                _ => false,
            },
        }
    }
}

/// How one part of a request is made: something to choose by, and something that seldom fits.
type Seed = (u8, u8, Json);

/// One of several.
fn chosen<T>(from: &[T], by: u8) -> &T {
    &from[usize::from(by) % from.len()]
}

/// Somebody who may do everything everywhere, with a token of each sign-in API.
struct Administrator {
    name: String,
    partner: String,
    portal: String,
    tenant: String,
}

impl Administrator {
    /// A new one, who has whatever earlier ones have taken away.
    async fn new(server: &TestServer, number: usize) -> Self {
        let groups = ["partner-id-acme", "admin", TENANT_GROUP, ADMINS];
        for group in groups {
            server.make_group(group).await;
        }
        let (group, permission) = ("partner-id-acme".into(), "user.manage".to_owned());
        let grant = Grant { pool: server.main_pool(), group, partner: None, permission };
        server.engine.grant(&operator(), grant).await.unwrap();
        let tenant = server.engine.tenant(TENANT).await.unwrap().unwrap();
        let administered = |tenant| Tenant { admin_group: Some(ADMINS.into()), ..tenant };
        server.engine.update_tenant(&operator(), &tenant.id, administered).await.unwrap();
        let name = format!("administrator{number}@example.com");
        server.user(&name, &groups).await;
        let body = json!({ "username": name, "password": PASSWORD });
        let partner = server.json("POST", "/auth", &body).await.get("/AccessToken");
        let portal = server.json("POST", "/api/auth/login", &body).await.get("/access_token");
        let login = super::tenant_login(&name, PASSWORD);
        let tenant = server.json("POST", "/Login", &login).await;
        let tenant = tenant.get("/cognitoToken/AuthenticationResult/AccessToken");
        Self { name, partner, portal, tenant }
    }

    fn bearer(&self, face: Face) -> String {
        let token = match face {
            Face::Portal => &self.portal,
            Face::Tenant => &self.tenant,
            Face::Cognito | Face::Partner => &self.partner,
        };
        format!("Bearer {token}")
    }
}

/// A text that can stand anywhere in a URI.
fn escaped(text: &str) -> String {
    text.bytes().fold(String::new(), |text, byte| format!("{text}%{byte:02X}"))
}
