//! Every request that makes several calls at Amazon, with each of its calls failing once in each way.
//!
//! What Amazon has done once and for all, the caller is told of, and what is left is done later. What
//! the caller is told has failed can be asked for again. Either way it ends as if nothing had failed.

mod devices;
mod partner;
mod portal;
mod state;
mod tenant;

use crate::support::*;
use async_trait::async_trait;
use poolkeeper::config::Config;
use poolkeeper::system;
use poolkeeper_aws::{Flow, Limits};
use poolkeeper_faces::{PartnerMount, PortalMount, TenantMount};
use poolkeeper_pool::crypto::secret::Secret;
use poolkeeper_pool::entity::{CodeMfa, Contact, FollowUpWork, Totp, User};
use poolkeeper_pool::ports::Store as _;
use poolkeeper_pool::time::Timestamp;
use serde_json::{Value, json};
use state::{Counts, State};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::mem;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;

const FRESH: &str = "N3w-Passw0rd";

/// In which ways each call fails. After the first three, Amazon has not done what it was asked. What
/// becomes of a call whose answer is lost, nobody can know.
const WAYS: [How; 4] = [How::Throttled, How::Cut, How::Broken, How::Lost];

/// Stands for the code that an app shows when the request is sent.
const CODE: &str = "[code]";

/// A request, and what it is about.
#[derive(Clone, Default)]
struct Sending {
    /// Method and path.
    line: String,
    /// The bearer token.
    token: Option<String>,
    body: Value,
    /// The key of the app whose code is sent.
    app: Option<String>,
    /// The user whose state it may change.
    about: String,
    /// An access token of this user, from a sign-in before.
    sign_in: Option<String>,
}

impl Sending {
    fn new(line: impl Into<String>, about: &str, body: Value) -> Self {
        Self { line: line.into(), about: about.to_owned(), body, ..Self::default() }
    }

    fn with_token(self, token: String) -> Self {
        Self { token: Some(token), ..self }
    }

    fn with_app(self, key: &str) -> Self {
        Self { app: Some(key.to_owned()), ..self }
    }

    fn with_sign_in(self, token: String) -> Self {
        Self { sign_in: Some(token), ..self }
    }

    async fn send(&self, server: &TestServer) -> Answer {
        let code = self.app.as_ref().map(|key| server.totp(key)).unwrap_or_default();
        let body = self.body.to_string().replace(CODE, &code);
        let bearer = format!("Bearer {}", self.token.as_deref().unwrap_or_default());
        let mut headers = vec![("content-type", "application/json")];
        headers.extend(self.token.as_ref().map(|_| ("authorization", bearer.as_str())));
        server.call(&self.line, &headers, body).await
    }
}

/// One of the sign-in APIs.
#[async_trait]
trait Face: Send + Sync + 'static {
    /// Its endpoints, in each state of a user that leads to other calls.
    fn endpoints(&self) -> &'static [&'static str];

    /// A server to send requests to.
    async fn server(&self) -> TestServer;

    /// A token of an administrator, which is good for all requests.
    async fn administrator(&self, _: &TestServer) -> String {
        String::new()
    }

    /// A request to an endpoint. Each is about a user of its own.
    async fn prepare(&self, stage: &Stage, endpoint: &str, user: &str) -> Sending;

    /// A call that goes wrong in each request to an endpoint, but not when it is sent again.
    fn standing(&self, _: &str) -> Option<CallFault> {
        None
    }

    /// Whether a request may end otherwise if this operation fails.
    fn may_end_otherwise(&self, _: &str) -> bool {
        false
    }
}

/// A server, and a token of its administrator.
struct Stage {
    server: TestServer,
    boss: String,
}

/// The table of a face. It has a row for each call of each endpoint, and in it for each way to fail: the
/// status that the caller is told and what remains to be done, or the status when the same is asked
/// again. `≠` says that it ends otherwise than usual. Below it is what callers are told that it failed.
async fn table(face: impl Face) -> String {
    let face = Arc::new(face);
    let mut running = JoinSet::new();
    for (index, endpoint) in face.endpoints().iter().enumerate() {
        // One after the other: those that start at once all make the same keys.
        let (face, server) = (Arc::clone(&face), face.server().await);
        running.spawn(async move { (index, part(&*face, server, endpoint).await) });
    }
    let mut parts = running.join_all().await;
    parts.sort_by_key(|(index, _)| *index);
    let mut table = "throttled | cut | 500 | answer lost\n".to_owned();
    let (mut broken, mut failures) = (String::new(), BTreeSet::new());
    for (_, part) in parts {
        table.push_str(&part.rows);
        broken.push_str(&part.broken);
        failures.extend(part.failures);
    }
    assert!(broken.is_empty(), "half-done is told as undone:\n{broken}");
    failures.into_iter().fold(table, |table, failure| table + "\n" + &failure)
}

/// The part of a table that is about one endpoint.
#[derive(Default)]
struct Part {
    rows: String,
    /// Cells that must not be.
    broken: String,
    /// What callers are told that it failed.
    failures: BTreeSet<String>,
}

async fn part(face: &dyn Face, server: TestServer, endpoint: &str) -> Part {
    server.proxy().set(Fault::Listen);
    let stage = Stage { boss: face.administrator(&server).await, server };
    let usual = Attempt::make(face, &stage, endpoint, 0, None).await;
    let mut part = Part { rows: format!("{endpoint} {}\n", usual.told), ..Part::default() };
    let mut number = 0;
    for call in &usual.calls {
        write!(part.rows, "  {}", call.operation).unwrap();
        for how in WAYS.into_iter().filter(|how| *how != How::Lost || changes(call.operation)) {
            number += 1;
            let call = CallFault { how, ..*call };
            let attempt = Attempt::make(face, &stage, endpoint, number, Some(call)).await;
            let cell = attempt.cell(&usual);
            write!(part.rows, " | {cell}").unwrap();
            if attempt.told != usual.told {
                part.failures.extend(attempt.failure.clone());
            }
            let is_told = attempt.is_told(&usual, how, endpoint);
            let ends_so = attempt.end == usual.end || face.may_end_otherwise(call.operation);
            if how != How::Lost && !(ends_so && is_told) {
                let (was, is) = (&usual.end, &attempt.end);
                writeln!(part.broken, "{endpoint}, {call:?}: {cell}\n  {was:?}\n  {is:?}").unwrap();
            }
        }
        part.rows.push('\n');
    }
    part
}

/// Whether a call changes something. Of one that does not, nothing is lost with its answer.
fn changes(operation: &str) -> bool {
    let verbs = ["AdminGet", "AdminList", "Describe", "GetUser", "List"];
    !verbs.iter().any(|verb| operation.starts_with(verb))
}

/// What came of a request, one call of which went wrong.
struct Attempt {
    /// The calls that it made.
    calls: Vec<CallFault>,
    told: u16,
    /// The whole answer, if it is one of a failure.
    failure: Option<String>,
    /// What remained to be done then.
    remained: Vec<FollowUpWork>,
    /// What was told when it was sent again, if it had failed.
    again: Option<u16>,
    /// How it ended.
    end: State,
}

impl Attempt {
    async fn make(
        face: &dyn Face,
        stage: &Stage,
        endpoint: &str,
        number: usize,
        fault: Option<CallFault>,
    ) -> Self {
        let server = &stage.server;
        let sending = face.prepare(stage, endpoint, &format!("u{number}@example.com")).await;
        let before = (Counts::of(server).await, state::password(server, &sending.about).await);
        server.proxy().operations();
        let faults = fault.into_iter().chain(face.standing(endpoint));
        server.proxy().set(Fault::Calls(faults.collect::<Vec<_>>().leak()));
        let answer = sending.send(server).await;
        let calls = in_order(server.proxy().operations());
        let remained = remaining(server).await;
        server.proxy().set(Fault::Listen);
        // A time when what remains is due, and Amazon is not left alone any more.
        server.clock.advance(Duration::from_mins(6));
        server.pools.catch_up(&system::server()).await;
        let failure = (!answer.status.is_success()).then(|| answer.row(&["retry-after"]));
        let again = match fault {
            Some(_) if failure.is_some() => Some(sending.send(server).await.status.as_u16()),
            _ => None,
        };
        let end = State::of(server, &sending, before).await;
        Self { calls, told: answer.status.as_u16(), failure, remained, again, end }
    }

    fn cell(&self, usual: &Self) -> String {
        let mut cell = self.told.to_string();
        if !self.remained.is_empty() {
            write!(cell, " {:?}", self.remained).unwrap();
        }
        if let Some(again) = self.again.filter(|_| self.told != usual.told) {
            write!(cell, " → {again}").unwrap();
        }
        if self.end != usual.end {
            cell.push_str(" ≠");
        }
        cell
    }

    /// Whether the caller was told what was done, or could have it done.
    fn is_told(&self, usual: &Self, how: How, endpoint: &str) -> bool {
        let is_busy_or_down = match how {
            // As the service told it that came first.
            How::Throttled if endpoint.contains("/api/auth/login") => self.told == 500,
            How::Throttled => self.told == 429,
            _ => self.told == 503,
        };
        self.told == usual.told || is_busy_or_down && self.again == Some(usual.told)
    }
}

/// The calls of these operations. Some were made at once, in whatever order.
fn in_order(operations: Vec<String>) -> Vec<CallFault> {
    let mut calls = Vec::<CallFault>::new();
    for operation in operations {
        let number = calls.iter().filter(|call| call.operation == operation).count() + 1;
        calls.push(CallFault { operation: operation.leak(), number, how: How::Lost });
    }
    let is_about_user =
        |call: &CallFault| ["AdminGetUser", "AdminListGroupsForUser"].contains(&call.operation);
    for run in calls.chunk_by_mut(|left, right| is_about_user(left) && is_about_user(right)) {
        if let [.., groups, user] = run
            && user.operation == "AdminGetUser"
            && is_about_user(groups)
        {
            mem::swap(groups, user);
        }
    }
    calls
}

/// What remains to be done.
async fn remaining(server: &TestServer) -> Vec<FollowUpWork> {
    let end = Timestamp::from_seconds(i64::from(u32::MAX));
    let rows = server.store.due_follow_ups(&server.main_pool(), end, 9).await.unwrap();
    rows.into_iter().map(|row| row.work).collect()
}

/// A server whose "Amazon" fails at will. Nothing is tried twice in one request, and no session or
/// sign-in becomes too old while the clock goes on.
async fn server(flow: Option<Flow>, change: impl FnOnce(&mut Config)) -> TestServer {
    let mut config = config(Path::new(""));
    let pool = &mut config.pools[0];
    pool.rules.auto_verified = vec![Contact::Email];
    pool.rules.fresh_proof.sign_in_apis_minutes = 60;
    for client in &mut pool.clients {
        client.auth_session_validity = Duration::from_mins(15);
        client.validity.access = Duration::from_hours(24);
    }
    change(&mut config);
    let limits = Limits { attempts: 1, failures: u32::MAX, ..AtAmazon::default().limits };
    TestServer::at_amazon(config, AtAmazon { flow, limits, proxied: true, ..AtAmazon::default() })
        .await
}

/// An access token of a user through an app client, past what is tested.
async fn token(server: &TestServer, client: &str, user: &str) -> String {
    let password = json!({ "USERNAME": user, "PASSWORD": PASSWORD });
    let flow = "ADMIN_USER_PASSWORD_AUTH";
    let answer = server.cognito().admin_initiate(client, flow, password).await;
    answer.get("/AuthenticationResult/AccessToken")
}

/// A mailed code for a new password, past what is tested.
async fn reset_code(server: &TestServer, client: &str, user: &str) -> String {
    let found = server.found(user).await;
    server.edit(&found, |user| user.attributes.set("email_verified", "true")).await;
    let asked = json!({ "ClientId": client, "Username": user });
    let answer = server.cognito().call("ForgotPassword", &asked).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    server.newest_code().await.0
}

/// Gives a user an authenticator app with [`TOTP_KEY`], whatever else is asked of the user.
async fn with_app(server: &TestServer, user: &User) -> User {
    let secret = server.engine.seal_totp_key(user, &Secret::from(TOTP_KEY));
    let app = Totp { secret, enabled: true, preferred: true, friendly_name: None };
    server.edit(user, |user| user.mfa.totp = Some(app.clone())).await
}

/// A user who has an app and mailed codes, and prefers neither.
async fn with_two_factors(server: &TestServer, user: &str) {
    let user = server.totp_user(user, &[TENANT_GROUP]).await;
    let both = |user: &mut User| {
        user.mfa.email = Some(CodeMfa { preferred: false });
        user.mfa.totp.as_mut().unwrap().preferred = false;
    };
    server.edit(&user, both).await;
}

/// Endpoints that make one call at Amazon, or none: there is no half of it.
const ONE_CALL: [&str; 10] = [
    "POST /auth/forgot_password",
    "POST /auth/partners/users/confirm",
    "GET /status",
    "GET /",
    "GET /health",
    "POST /api/auth/logout",
    "POST /api/auth/forgot-password",
    "POST /api/auth/register",
    "POST /api/auth/verify",
    "POST /logout",
];

#[test]
fn every_endpoint_is_in_a_table() {
    let tables =
        [partner::Partner.endpoints(), portal::Portal.endpoints(), tenant::Tenant.endpoints()];
    let tables = tables.concat();
    let is_of = |line: &str, route: &str| {
        let (line, route) = (line.split('/'), route.split('/'));
        let fits = |(part, template): (&str, &str)| {
            template.starts_with('{') || part.eq_ignore_ascii_case(template)
        };
        line.clone().count() == route.clone().count() && line.zip(route).all(fits)
    };
    let routes = [PartnerMount::routes(), PortalMount::routes(), TenantMount::routes()].concat();
    let lines = routes.iter().map(|route| format!("{} {}", route.method, route.path));
    let missing = lines.filter(|route| {
        !ONE_CALL.contains(&route.as_str())
            && !tables.iter().any(|endpoint| is_of(&line(endpoint), route))
    });
    assert_eq!(missing.collect::<Vec<_>>(), Vec::<String>::new());
}

/// Method and path of an endpoint, without the state of a user.
fn line(endpoint: &str) -> String {
    endpoint.split(' ').take(2).collect::<Vec<_>>().join(" ")
}
