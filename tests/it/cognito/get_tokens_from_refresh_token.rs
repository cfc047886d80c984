use crate::support::{
    Answer, CLIENT_SECRET, CONFIDENTIAL_CLIENT, PASSWORD, POOL, PORTAL_CLIENT, PUBLIC_CLIENT,
    Table, TestServer, Tokens, claims, secret_hash,
};
use insta::assert_snapshot;
use serde_json::{Value, json};
use std::time::Duration;

const ALICE: &str = "alice@example.com";

async fn renew(server: &TestServer, client: &str, token: &str, secret: Value) -> Answer {
    let body = json!({ "ClientId": client, "RefreshToken": token, "ClientSecret": secret });
    server.cognito().call("GetTokensFromRefreshToken", &body).await
}

#[tokio::test]
async fn new_tokens_of_the_same_sign_in() {
    let server = TestServer::start().await;
    server.user(ALICE, &[]).await;
    let tokens = server.cognito().tokens(ALICE).await;
    server.clock.advance(Duration::from_mins(1));
    let answer = renew(&server, PUBLIC_CLIENT, &tokens.refresh, Value::Null).await;
    assert_snapshot!(answer.show(), @r#"
    200 OK
    {
      "AuthenticationResult": {
        "AccessToken": "[jwt]",
        "ExpiresIn": 3600,
        "IdToken": "[jwt]",
        "TokenType": "Bearer"
      }
    }
    "#);
    let (old, new) =
        (claims(&tokens.access), claims(&answer.get("/AuthenticationResult/AccessToken")));
    for same in ["sub", "origin_jti", "auth_time", "client_id"] {
        assert_eq!(old[same], new[same], "{same}");
    }
    for other in ["jti", "event_id", "iat", "exp"] {
        assert_ne!(old[other], new[other], "{other}");
    }
    // Nothing is rotated: the same token works again, here and in the older way.
    let again = renew(&server, PUBLIC_CLIENT, &tokens.refresh, Value::Null).await;
    assert_eq!(again.status, 200);
    assert_eq!(server.cognito().refresh(&tokens.refresh).await.status, 200);
}

#[tokio::test]
async fn the_client_secret() {
    let server = TestServer::start().await;
    server.user(ALICE, &[]).await;
    let hash = secret_hash(ALICE, CONFIDENTIAL_CLIENT);
    let parameters = json!({ "USERNAME": ALICE, "PASSWORD": PASSWORD, "SECRET_HASH": hash });
    let cognito = server.cognito();
    let flow = "USER_PASSWORD_AUTH";
    let tokens = Tokens::of(&cognito.initiate_as(CONFIDENTIAL_CLIENT, flow, parameters).await);
    let token = &tokens.refresh;
    let mut table = Table::default();
    table.row("missing", &renew(&server, CONFIDENTIAL_CLIENT, token, Value::Null).await);
    let wrong = json!("x".repeat(36));
    table.row("wrong", &renew(&server, CONFIDENTIAL_CLIENT, token, wrong.clone()).await);
    let hash = json!(hash);
    table.row("a hash", &renew(&server, CONFIDENTIAL_CLIENT, token, hash).await);
    table.row("wrong, and no token", &renew(&server, CONFIDENTIAL_CLIENT, "x", wrong).await);
    let own = cognito.tokens(ALICE).await.refresh;
    let sent = renew(&server, PUBLIC_CLIENT, &own, json!(CLIENT_SECRET)).await;
    table.row("to a public client", &sent);
    assert_snapshot!(table, @r#"
    missing: 400 NotAuthorizedException "Client confidential is configured for secret but secret was not received"
    wrong: 400 NotAuthorizedException "Unable to verify secret for client confidential"
    a hash: 400 InvalidParameterException "1 validation error detected: Value at 'clientSecret' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+]+"
    wrong, and no token: 400 NotAuthorizedException "Unable to verify secret for client confidential"
    to a public client: 400 NotAuthorizedException "Unable to verify secret for client public"
    "#);
    let right = renew(&server, CONFIDENTIAL_CLIENT, token, json!(CLIENT_SECRET)).await;
    assert_eq!(right.status, 200);
}

#[tokio::test]
async fn tokens_that_do_not_count() {
    let server = TestServer::start().await;
    let alice = server.user(ALICE, &[]).await;
    let cognito = server.cognito();
    let tokens = cognito.tokens(ALICE).await;
    let mut table = Table::default();
    let renew = async |client: &str, token: &str| renew(&server, client, token, Value::Null).await;
    table.row("no token", &renew(PUBLIC_CLIENT, "whatever").await);
    table.row("an access token", &renew(PUBLIC_CLIENT, &tokens.access).await);
    table.row("of another client", &renew(PORTAL_CLIENT, &tokens.refresh).await);
    table.row("unknown client", &renew("nobody", &tokens.refresh).await);
    server.edit(&alice, |user| user.enabled = false).await;
    table.row("a disabled user's", &renew(PUBLIC_CLIENT, &tokens.refresh).await);
    server.edit(&alice, |user| user.enabled = true).await;
    cognito.call("GlobalSignOut", &json!({ "AccessToken": tokens.access })).await;
    table.row("revoked", &renew(PUBLIC_CLIENT, &tokens.refresh).await);
    server.clock.advance(Duration::from_hours(31 * 24));
    table.row("expired", &renew(PUBLIC_CLIENT, &tokens.refresh).await);
    assert_snapshot!(table, @r#"
    no token: 400 NotAuthorizedException "Invalid Refresh Token"
    an access token: 400 NotAuthorizedException "Invalid Refresh Token"
    of another client: 400 NotAuthorizedException "Invalid Refresh Token"
    unknown client: 400 ResourceNotFoundException "User pool client nobody does not exist."
    a disabled user's: 400 NotAuthorizedException "User is disabled."
    revoked: 400 NotAuthorizedException "Refresh Token has been revoked"
    expired: 400 NotAuthorizedException "Refresh Token has expired"
    "#);
}

#[tokio::test]
async fn clients_that_may_not_refresh() {
    let server = TestServer::start().await;
    server.user(ALICE, &[]).await;
    let client = json!({
        "UserPoolId": POOL,
        "ClientName": "c",
        "ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH"],
    });
    let client = server.cognito().admin("CreateUserPoolClient", &client).await;
    let client = client.get("/UserPoolClient/ClientId");
    let parameters = json!({ "USERNAME": ALICE, "PASSWORD": PASSWORD });
    let begun = server.cognito().initiate_as(&client, "USER_PASSWORD_AUTH", parameters).await;
    let answer = renew(&server, &client, &Tokens::of(&begun).refresh, Value::Null).await;
    assert_snapshot!(answer.line(), @r#"400 InvalidParameterException "REFRESH_TOKEN_AUTH flow not enabled for this client""#);
}
