//! What must not happen, whichever face it is tried at.

mod added_addresses;
mod clocks;
mod costs;
mod crowding;
mod deleted_accounts;
mod existence;
mod fresh_proof;
mod growth;
mod half_way;
mod hanging_mail;
mod hosts;
mod invented;
mod last_administrator;
mod leading_names;
mod long_input;
mod machines;
mod made_by_others;
mod master_key;
mod messages;
mod notice_limits;
mod notices;
mod one_face;
mod parallel;
mod quotas;
mod random;
mod recovery;
mod removed_addresses;
mod signatures;
mod taken_names;
mod unlocking;

use crate::support::{Answer, PASSWORD, TENANT, TENANT_GROUP, TestServer};
use serde_json::{Value, json};

/// Larger than anything that is told of a request.
const MOST_TOLD: usize = 4096;

/// A way to sign in with a password.
#[derive(Clone, Copy, Debug)]
enum Face {
    Cognito,
    Partner,
    Portal,
    Tenant,
}

const DOORS: [Face; 4] = [Face::Cognito, Face::Partner, Face::Portal, Face::Tenant];

impl Face {
    async fn sign_in(self, server: &TestServer, name: &str, password: &str) -> Answer {
        let lower = json!({ "username": name, "password": password });
        match self {
            Self::Cognito => server.cognito().sign_in(name, password).await,
            Self::Partner => server.json("POST", "/auth", &lower).await,
            Self::Portal => server.json("POST", "/api/auth/login", &lower).await,
            Self::Tenant => server.json("POST", "/Login", &tenant_login(name, password)).await,
        }
    }
}

fn tenant_login(name: &str, password: &str) -> Value {
    json!({ "UserName": name, "TenantName": TENANT, "Password": password })
}

/// A server with one user who may come in everywhere.
async fn server_with(email: &str) -> TestServer {
    let server = TestServer::start().await;
    server.user(email, &["partner-id-acme", TENANT_GROUP]).await;
    for face in DOORS {
        let answer = face.sign_in(&server, email, PASSWORD).await;
        assert_eq!(answer.status, 200, "{face:?}: {}", answer.text);
    }
    server
}
