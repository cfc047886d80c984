//! What administrators do, at `/api/admin` and at `/admin`.

mod create_user;
mod gate;
mod groups;
mod last_administrator;
mod list_users;
mod members;
mod reset_password;
mod update_user;
mod user;

use super::{login, with_token};
use crate::support::{Answer, TestServer};
use serde_json::{Value, json};

const ROOT: &str = "root@example.com";

/// A server and the token of its administrator.
struct Admin {
    server: TestServer,
    token: String,
}

impl Admin {
    async fn start() -> Self {
        Self::on(TestServer::start().await).await
    }

    async fn on(server: TestServer) -> Self {
        server.user(ROOT, &["admin"]).await;
        let token = login(&server, ROOT).await.get("/access_token");
        Self { server, token }
    }

    /// Calls with a body: `line` is the method and what follows `/api/admin/`.
    async fn call(&self, line: &str, body: Value) -> Answer {
        let (method, path) = line.split_once(' ').unwrap();
        let line = format!("{method} /api/admin/{path}");
        with_token(&self.server, &self.token, &line, &body).await
    }

    /// Calls without a body.
    async fn bare(&self, line: &str) -> Answer {
        let (method, path) = line.split_once(' ').unwrap();
        let bearer = format!("Bearer {}", self.token);
        let path = format!("/api/admin/{path}");
        self.server.bare(method, &path, &[("authorization", &bearer)]).await
    }

    /// Many calls, one line each.
    async fn rows(&self, lines: &[&str], body: Value) -> String {
        let mut rows = Vec::new();
        for line in lines {
            rows.push(format!("{line}: {}", self.call(line, body.clone()).await.row(&[])));
        }
        rows.join("\n")
    }
}

fn new(email: &str) -> Value {
    json!({ "username": email, "email": email, "temporary_password": "Temp0rary!" })
}
