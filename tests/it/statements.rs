//! How many statements each main endpoint sends to the database: each read is one statement, and
//! each commit is one transaction. Both databases give the same numbers. A table with a star is read by
//! a listing, which may have to wait for others: no sign-in, refresh or check of a token has one.
//!
//! If a change raises a number, its commit message says why. `cargo insta review` accepts the new
//! table, as with any snapshot.

mod counter;

use crate::support::{
    Answer, Cognito, PASSWORD, SrpClient, TENANT, TENANT_GROUP, TestPool, TestServer, Tokens,
    config,
};
use insta::assert_snapshot;
use poolkeeper::system::operator;
use poolkeeper_pool::entity::{Grant, Tenant};
use poolkeeper_pool::ids::{GroupName, PoolId};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::path::Path;

const ALICE: &str = "alice@example.com";
const ACME: &str = "partner-id-acme";
const TENANT_ADMINS: &str = "acme-admins";
const FRESH: &str = "N3w-Passw0rd";

/// The table, with a row for each call.
struct Measured {
    rows: String,
}

impl Measured {
    /// Adds the row of a call, which must succeed.
    async fn row(&mut self, name: &str, call: impl Future<Output = Answer>) -> Answer {
        counter::take();
        let answer = call.await;
        let (reads, commits) = counter::take();
        assert!(answer.status.is_success(), "{name}: {answer:?}");
        let all: usize = reads.iter().map(|(_, count)| count).sum();
        let of = |(table, count): &(String, usize)| match count {
            1 => table.clone(),
            count => format!("{table} {count}"),
        };
        let tables = reads.iter().map(of).collect::<Vec<_>>().join(", ");
        writeln!(self.rows, "{name:<44}{all:>5}{commits:>9}   {tables}").unwrap();
        answer
    }
}

#[tokio::test]
async fn of_each_endpoint() {
    counter::listen();
    let [endpoint, reads, commits] = ["", "reads", "commits"];
    let rows = format!("{endpoint:<44}{reads:>5}{commits:>9}   tables read\n");
    let mut measured = Measured { rows };
    Box::pin(cognito(&mut measured)).await;
    Box::pin(partner(&mut measured)).await;
    Box::pin(portal(&mut measured)).await;
    Box::pin(tenant(&mut measured)).await;
    assert_snapshot!(measured.rows, @r"
                                                reads  commits   tables read
    cognito InitiateAuth USER_PASSWORD_AUTH         6        1   app_clients, user_pools, users 2, groups, lockouts
    cognito InitiateAuth USER_SRP_AUTH              5        0   app_clients, user_pools, users 2, groups
    cognito Respond… PASSWORD_VERIFIER              6        1   app_clients, user_pools, users 2, groups, lockouts
    cognito InitiateAuth REFRESH_TOKEN_AUTH         5        0   app_clients, user_pools, sessions, users, groups
    cognito AdminCreateUser                         2        1   access_keys, user_pools
    cognito Respond… NEW_PASSWORD_REQUIRED          5        1   app_clients, user_pools, users, groups, lockouts
    cognito GetUser                                 1        0   user_pools
    cognito ChangePassword                          2        1   user_pools, lockouts
    cognito UpdateUserAttributes                    1        1   user_pools
    cognito GlobalSignOut                           1        1   user_pools
    cognito AdminGetUser                            4        0   access_keys, user_pools, users 2
    cognito AdminListGroupsForUser                  5        0   access_keys, user_pools, users 2, groups
    cognito ListUsers                               3        0   access_keys, user_pools, users*
    cognito SignUp                                  4        1   app_clients, user_pools, users 2
    partner POST /auth                              7        1   app_clients, user_pools, users 2, groups, lockouts, partners
    partner POST /auth/refresh_token                6        0   app_clients, user_pools, sessions, users, groups, partners
    partner GET /permissions                        4        0   user_pools, groups, partners, permissions
    partner GET /partners                           4        0   user_pools, groups, partners, permissions
    partner GET /auth/mfa/settings                  3        0   user_pools, groups, partners
    partner GET /auth/partners/users (50)           7        0   user_pools, groups, partners, permissions, user_pools*, users*, groups*
    partner POST /auth/partners/users               9        1   user_pools 2, groups, partners, permissions 2, app_clients, users 2
    partner PUT /auth/partners/users/…/groups      15        1   user_pools 3, groups 2, partners, permissions 3, users 5, groups*
    portal POST /api/auth/login                     6        1   app_clients, user_pools, users 2, groups, lockouts
    portal POST /api/auth/refresh-token             5        0   app_clients, user_pools, sessions, users, groups
    portal GET /api/auth/me                         2        0   user_pools, groups
    portal GET /api/admin/users (50)                6        0   user_pools 2, groups, users*, groups*, user_pools*
    portal GET /api/admin/users/…                   6        0   user_pools 2, groups, users 2, groups*
    portal POST /api/admin/users                    3        1   user_pools 2, groups
    portal POST /api/auth/change-password           4        1   user_pools 2, groups, lockouts
    tenant POST /Login                              7        1   tenants, app_clients, user_pools, users 2, groups, lockouts
    tenant POST /RefreshToken                       6        0   tenants, app_clients, user_pools, sessions, users, groups
    tenant POST /Credentials/Create                 7        1   user_pools 2, groups 3, tenants 2
    tenant POST /Credentials (5)                    5        0   user_pools, groups, tenants, users*, groups*
    ");
}

/// A pool as Cognito's clients use it: with an alias and verified addresses.
async fn cognito(measured: &mut Measured) {
    let server = TestServer::start().await;
    let settings = json!({
        "AliasAttributes": ["email"],
        "AutoVerifiedAttributes": ["email"],
    });
    let pool = server.pool(settings).await;
    keys(&server, pool.id.as_str()).await;
    let email = [("email", ALICE), ("email_verified", "true")];
    pool.user("alice", &email).await;
    for group in ["staff", "editors"] {
        pool.admin("CreateGroup", json!({ "GroupName": group })).await;
        let member = json!({ "Username": "alice", "GroupName": group });
        pool.admin("AdminAddUserToGroup", member).await;
    }
    let first = pool.sign_in("alice", PASSWORD);
    let tokens = Tokens::of(&measured.row("cognito InitiateAuth USER_PASSWORD_AUTH", first).await);
    srp(measured, &pool).await;
    let refresh = json!({ "REFRESH_TOKEN": tokens.refresh });
    let refresh = pool.initiate("REFRESH_TOKEN_AUTH", refresh);
    measured.row("cognito InitiateAuth REFRESH_TOKEN_AUTH", refresh).await;
    new_password(measured, &pool).await;
    own_account(measured, &server.cognito(), &tokens.access).await;
    let named = json!({ "Username": "alice" });
    measured.row("cognito AdminGetUser", pool.admin("AdminGetUser", named.clone())).await;
    measured
        .row("cognito AdminListGroupsForUser", pool.admin("AdminListGroupsForUser", named))
        .await;
    measured.row("cognito ListUsers", pool.admin("ListUsers", json!({}))).await;
    let email = json!([{ "Name": "email", "Value": "una@example.com" }]);
    let new = json!({ "Username": "una", "Password": PASSWORD, "UserAttributes": email });
    measured.row("cognito SignUp", pool.call("SignUp", new)).await;
}

/// Has the keys of a pool made, which happens once, when they are first needed.
async fn keys(server: &TestServer, pool: impl Into<PoolId>) {
    server.engine.jwks(&pool.into()).await.unwrap();
}

async fn srp(measured: &mut Measured, pool: &TestPool<'_>) {
    let client = SrpClient::new();
    let parameters = json!({ "USERNAME": "alice", "SRP_A": client.srp_a() });
    let asked = pool.initiate("USER_SRP_AUTH", parameters);
    let asked = measured.row("cognito InitiateAuth USER_SRP_AUTH", asked).await;
    let claim = json!({
        "ChallengeName": "PASSWORD_VERIFIER",
        "ChallengeResponses": client.claim(&asked, &pool.id, PASSWORD),
    });
    let claim = pool.call("RespondToAuthChallenge", claim);
    measured.row("cognito Respond… PASSWORD_VERIFIER", claim).await;
}

async fn new_password(measured: &mut Measured, pool: &TestPool<'_>) {
    let email = json!([
        { "Name": "email", "Value": "new@example.com" },
        { "Name": "email_verified", "Value": "true" },
    ]);
    let new = json!({
        "Username": "new",
        "TemporaryPassword": PASSWORD,
        "MessageAction": "SUPPRESS",
        "UserAttributes": email,
    });
    measured.row("cognito AdminCreateUser", pool.admin("AdminCreateUser", new)).await;
    let session = pool.sign_in("new", PASSWORD).await.get("/Session");
    let answer = json!({ "USERNAME": "new", "NEW_PASSWORD": FRESH });
    let answer = pool.respond("NEW_PASSWORD_REQUIRED", &session, answer);
    measured.row("cognito Respond… NEW_PASSWORD_REQUIRED", answer).await;
}

async fn own_account(measured: &mut Measured, cognito: &Cognito<'_>, token: &str) {
    measured.row("cognito GetUser", cognito.get_user(token)).await;
    let call = async |operation: &str, mut body: Value| {
        body["AccessToken"] = json!(token);
        cognito.call(operation, &body).await
    };
    let change = json!({ "PreviousPassword": PASSWORD, "ProposedPassword": FRESH });
    measured.row("cognito ChangePassword", call("ChangePassword", change)).await;
    let name = json!({ "UserAttributes": [{ "Name": "name", "Value": "Alice" }] });
    measured.row("cognito UpdateUserAttributes", call("UpdateUserAttributes", name)).await;
    let none = json!({});
    measured.row("cognito GlobalSignOut", call("GlobalSignOut", none)).await;
}

/// A partner with fifty users, who all belong to a second partner, too.
async fn partner(measured: &mut Measured) {
    let server = TestServer::mailing().await;
    keys(&server, server.main_pool()).await;
    for (group, permission) in [("user-admins", Grant::MANAGE_USERS), (ACCESS, "event.read")] {
        server.make_group(group).await;
        let (pool, group, permission) = (server.main_pool(), group.into(), permission.to_owned());
        let grant = Grant { pool, group, partner: None, permission };
        server.engine.grant(&operator(), grant).await.unwrap();
    }
    server.user(ALICE, &[ACME, "fd42", "user-admins", ACCESS]).await;
    for number in 1..50 {
        server.user(&format!("user{number}@example.com"), &[ACME, ACCESS, "fd42"]).await;
    }
    let body = json!({ "username": ALICE, "password": PASSWORD });
    let signed_in = server.json("POST", "/auth", &body);
    let signed_in = measured.row("partner POST /auth", signed_in).await;
    let body = json!({ "token": signed_in.get("/RefreshToken") });
    let refreshed = server.json("POST", "/auth/refresh_token", &body);
    measured.row("partner POST /auth/refresh_token", refreshed).await;
    let bearer = format!("Bearer {}", signed_in.get("/AccessToken"));
    let headers = [
        ("authorization", bearer.as_str()),
        ("content-type", "application/json"),
        ("x-preferred-partner-id", ACME),
    ];
    for line in ["GET /permissions", "GET /partners", "GET /auth/mfa/settings"] {
        measured.row(&format!("partner {line}"), server.call(line, &headers, "")).await;
    }
    let line = "GET /auth/partners/users";
    measured.row(&format!("partner {line} (50)"), server.call(line, &headers, "")).await;
    let line = "POST /auth/partners/users";
    let body = json!({ "email": "new@example.com", "password": PASSWORD, "groups": [ACCESS] });
    let created = server.call(line, &headers, body.to_string());
    measured.row(&format!("partner {line}"), created).await;
    let line = "PUT /auth/partners/users/new@example.com/groups";
    let body = json!({ "groups": [] });
    let changed = server.call(line, &headers, body.to_string());
    measured.row("partner PUT /auth/partners/users/…/groups", changed).await;
}

const ACCESS: &str = "webapp-access-group-1";

/// A pool with fifty users that has no partners.
async fn portal(measured: &mut Measured) {
    let mut config = config(Path::new(""));
    config.partner_api = None;
    let server = TestServer::with(config).await;
    keys(&server, server.main_pool()).await;
    server.user(ALICE, &["admin"]).await;
    for number in 1..50 {
        server.user(&format!("user{number}@example.com"), &["admin"]).await;
    }
    let body = json!({ "username": ALICE, "password": PASSWORD });
    let signed_in = server.json("POST", "/api/auth/login", &body);
    let signed_in = measured.row("portal POST /api/auth/login", signed_in).await;
    let body = json!({ "refresh_token": signed_in.get("/refresh_token") });
    let refreshed = server.json("POST", "/api/auth/refresh-token", &body);
    measured.row("portal POST /api/auth/refresh-token", refreshed).await;
    let bearer = format!("Bearer {}", signed_in.get("/access_token"));
    let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
    measured.row("portal GET /api/auth/me", server.call("GET /api/auth/me", &headers, "")).await;
    let line = "GET /api/admin/users";
    measured.row(&format!("portal {line} (50)"), server.call(line, &headers, "")).await;
    let line = format!("GET /api/admin/users/{ALICE}");
    measured.row("portal GET /api/admin/users/…", server.call(&line, &headers, "")).await;
    let body = json!({
        "username": "new", "email": "new@example.com", "temporary_password": PASSWORD,
    });
    let created = server.call("POST /api/admin/users", &headers, body.to_string());
    measured.row("portal POST /api/admin/users", created).await;
    let line = "POST /api/auth/change-password";
    let body = json!({ "current_password": PASSWORD, "new_password": FRESH });
    let changed = server.call(line, &headers, body.to_string());
    measured.row(&format!("portal {line}"), changed).await;
}

/// A tenant with five machine credentials.
async fn tenant(measured: &mut Measured) {
    let server = TestServer::start().await;
    keys(&server, server.main_pool()).await;
    server.make_group(TENANT_ADMINS).await;
    let id = server.engine.tenant(TENANT).await.unwrap().unwrap().id;
    let admins = Some(GroupName::from(TENANT_ADMINS));
    let edit = |tenant| Tenant { admin_group: admins.clone(), ..tenant };
    server.engine.update_tenant(&operator(), &id, edit).await.unwrap();
    server.user(ALICE, &[TENANT_GROUP, TENANT_ADMINS]).await;
    let body = json!({ "UserName": ALICE, "TenantName": TENANT, "Password": PASSWORD });
    let signed_in = measured.row("tenant POST /Login", server.json("POST", "/Login", &body)).await;
    let token = |name: &str| signed_in.get(&format!("/cognitoToken/AuthenticationResult/{name}"));
    let body = json!({ "TenantName": TENANT, "RefreshToken": token("RefreshToken") });
    let refreshed = server.json("POST", "/RefreshToken", &body);
    measured.row("tenant POST /RefreshToken", refreshed).await;
    let access = token("AccessToken");
    let headers = [("content-type", "application/json"), ("authorization", access.as_str())];
    for number in 1..5 {
        let body = json!({ "Name": format!("Turnstile {number}"), "Grants": [] });
        server.call("POST /Credentials/Create", &headers, body.to_string()).await;
    }
    let body = json!({ "Name": "Turnstile 5", "Grants": [] }).to_string();
    let created = server.call("POST /Credentials/Create", &headers, body);
    measured.row("tenant POST /Credentials/Create", created).await;
    let listed = server.call("POST /Credentials", &headers, "{}");
    measured.row("tenant POST /Credentials (5)", listed).await;
}
