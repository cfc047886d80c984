use super::{ALICE, GLOBEX, GLOBEX_GROUP, configured, leave, login, refresh, token};
use crate::support::{
    PASSWORD, POOL, PORTAL_CLIENT, TENANT, TENANT_CLIENT, TENANT_GROUP, TestServer, claims,
};
use insta::assert_snapshot;
use poolkeeper::system::operator;
use poolkeeper_pool::backend::administration::Administration as _;
use poolkeeper_pool::entity::Tenant;
use serde_json::json;
use std::time::Duration;

#[tokio::test]
async fn new_tokens_without_a_refresh_token() {
    let server = TestServer::start().await;
    let user = server.user(ALICE, &[TENANT_GROUP]).await;
    let first = login(&server, ALICE, TENANT, PASSWORD).await;
    let token = first.get("/cognitoToken/AuthenticationResult/RefreshToken");
    server.clock.advance(Duration::from_hours(2));
    let answer = refresh(&server, " ACME ", &token).await;
    assert_snapshot!(answer.show().replace(user.sub.as_str(), "[sub]"), @r#"
    200 OK
    {
      "cognitoToken": {
        "AuthenticationResult": {
          "AccessToken": "[jwt]",
          "ExpiresIn": 3600,
          "IdToken": "[jwt]",
          "TokenType": "Bearer"
        },
        "ChallengeParameters": {}
      },
      "user": {
        "OloID": "[sub]",
        "TenantID": "id-of-acme",
        "TenantName": "Acme"
      }
    }
    "#);
    let access = |answer: &crate::support::Answer| {
        claims(&answer.get("/cognitoToken/AuthenticationResult/AccessToken"))
    };
    let (before, after) = (access(&first), access(&answer));
    for name in ["sub", "origin_jti", "auth_time", "tenant_id", "cognito:groups"] {
        assert_eq!(before[name], after[name], "{name}");
    }
    assert_eq!(refresh(&server, TENANT, &token).await.status, 200);
}

/// Alice is at home in both tenants: still, what was begun at one is worth nothing at the other.
#[tokio::test]
async fn a_token_of_another_tenant_or_of_none_is_dead() {
    let server = TestServer::start().await;
    server.user(ALICE, &[TENANT_GROUP, GLOBEX_GROUP]).await;
    let acme = token(&server, ALICE, TENANT, "RefreshToken").await;
    let plain = json!({
        "UserPoolId": POOL,
        "ClientId": TENANT_CLIENT,
        "AuthFlow": "ADMIN_USER_PASSWORD_AUTH",
        "AuthParameters": { "USERNAME": ALICE, "PASSWORD": PASSWORD },
    });
    let plain = server.cognito().admin("AdminInitiateAuth", &plain).await;
    let plain = plain.get("/AuthenticationResult/RefreshToken");
    for (tenant, token) in [(GLOBEX, &acme), ("Initech", &acme), (TENANT, &plain)] {
        let answer = refresh(&server, tenant, token).await;
        assert_eq!(
            answer.row(&[]),
            r#"401 Unauthorized {"error":"NotAuthorizedException","message":"Invalid refresh token"}"#
        );
    }
    // Nor is it good without a tenant, through the same app client.
    let body = json!({
        "AuthFlow": "REFRESH_TOKEN_AUTH",
        "ClientId": TENANT_CLIENT,
        "AuthParameters": { "REFRESH_TOKEN": acme },
    });
    assert_eq!(server.cognito().call("InitiateAuth", &body).await.status, 400);
    let body = json!({ "ClientId": TENANT_CLIENT, "RefreshToken": acme });
    assert_eq!(server.cognito().call("GetTokensFromRefreshToken", &body).await.status, 400);
    assert_eq!(refresh(&server, TENANT, &acme).await.status, 200);
}

/// For whatever reason: nobody is told.
#[tokio::test]
async fn dead_tokens_are_refused_alike() {
    let mut rows = Vec::new();
    for case in [
        "garbage",
        "left",
        "disabled",
        "deleted",
        "expired",
        "signed out",
        "no such tenant",
        "tenant gone",
        "renamed",
        "another client",
    ] {
        let server = TestServer::start().await;
        let user = server.user(ALICE, &[TENANT_GROUP]).await;
        let mut token = token(&server, ALICE, TENANT, "RefreshToken").await;
        let (mut tenant, pool) = (TENANT, server.main_pool());
        let id = super::tenant(&server, TENANT).await.id;
        match case {
            "garbage" => token = "a.b.c.d.e".to_owned(),
            "left" => leave(&server, ALICE, TENANT_GROUP).await,
            "disabled" => server.pools.disable_user(&operator(), &pool, ALICE).await.unwrap(),
            "deleted" => server.pools.delete_user(&operator(), &pool, ALICE).await.unwrap(),
            "expired" => server.clock.advance(Duration::from_hours(30 * 24)),
            "signed out" => {
                server.pools.sign_out_user(&operator(), &pool, user.sub.as_str()).await.unwrap();
            }
            "no such tenant" => tenant = "Initech",
            "tenant gone" => drop(server.engine.delete_tenant(&operator(), &id).await.unwrap()),
            "renamed" => {
                let name = "Acme Inc.".to_owned();
                let rename = |tenant| Tenant { name: name.clone(), ..tenant };
                super::change(&server, TENANT, rename).await;
            }
            _ => {
                let client = server.client(PORTAL_CLIENT);
                let other = |tenant| Tenant { client: client.clone(), ..tenant };
                super::change(&server, TENANT, other).await;
            }
        }
        let answer = refresh(&server, tenant, &token).await;
        let headers: Vec<_> = answer.headers.keys().map(ToString::to_string).collect();
        rows.push((case, format!("{} {headers:?}", answer.row(&[]))));
    }
    assert_snapshot!(rows[0].1, @r#"401 Unauthorized {"error":"NotAuthorizedException","message":"Invalid refresh token"} ["content-type", "content-length", "x-request-id", "x-content-type-options", "cache-control"]"#);
    for (case, row) in &rows {
        assert_eq!(*row, rows[0].1, "{case}");
    }
}

#[tokio::test]
async fn under_a_new_name_the_tenant_s_sign_ins_go_on() {
    let server = TestServer::start().await;
    server.user(ALICE, &[TENANT_GROUP]).await;
    let token = token(&server, ALICE, TENANT, "RefreshToken").await;
    let rename = |tenant| Tenant { name: "Acme Inc.".to_owned(), ..tenant };
    super::change(&server, TENANT, rename).await;
    assert_eq!(refresh(&server, "acme inc.", &token).await.get("/user/TenantName"), "Acme Inc.");
}

#[tokio::test]
async fn bodies_that_break_the_rules() {
    let server = TestServer::start().await;
    let mut rows = Vec::new();
    for body in
        ["", "{}", r#"{"TenantName":"a"}"#, r#"{"tenantname":"a","refreshtoken":"b"}"#, "[]"]
    {
        rows.push(format!("{body}: {}", server.text("POST", "/RefreshToken", body).await.row(&[])));
    }
    assert_snapshot!(rows.join("\n"), @r#"
    : 400 Bad Request {"error":"BadRequest","message":"TenantName and RefreshToken are required: the request body is empty"}
    {}: 400 Bad Request {"error":"BadRequest","message":"TenantName and RefreshToken are required: TenantName is missing, RefreshToken is missing"}
    {"TenantName":"a"}: 400 Bad Request {"error":"BadRequest","message":"TenantName and RefreshToken are required: RefreshToken is missing"}
    {"tenantname":"a","refreshtoken":"b"}: 400 Bad Request {"error":"BadRequest","message":"TenantName and RefreshToken are required: TenantName is missing, RefreshToken is missing"}
    []: 400 Bad Request {"error":"BadRequest","message":"The request body must be a JSON object: it is another JSON value"}
    "#);
}

#[tokio::test]
async fn with_flat_copies() {
    let server = configured(|api| api.flat_tokens = true).await;
    let user = server.user(ALICE, &[TENANT_GROUP]).await;
    let token = token(&server, ALICE, TENANT, "RefreshToken").await;
    let answer = refresh(&server, TENANT, &token).await;
    assert_snapshot!(answer.show().replace(user.sub.as_str(), "[sub]"), @r#"
    200 OK
    {
      "cognitoToken": {
        "AccessToken": "[jwt]",
        "AuthenticationResult": {
          "AccessToken": "[jwt]",
          "ExpiresIn": 3600,
          "IdToken": "[jwt]",
          "TokenType": "Bearer"
        },
        "ChallengeParameters": {},
        "ExpiresIn": 3600,
        "IdToken": "[jwt]"
      },
      "user": {
        "OloID": "[sub]",
        "TenantID": "id-of-acme",
        "TenantName": "Acme"
      }
    }
    "#);
}
