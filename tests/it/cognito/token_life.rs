//! How long tokens work.

use crate::support::{Answer, PASSWORD, POOL, TestServer, Tokens, claims};
use insta::assert_snapshot;
use serde_json::{Value, json};
use std::time::Duration;

const ALICE: &str = "alice@example.com";

#[tokio::test]
async fn an_access_token_lives_for_an_hour() {
    let server = TestServer::start().await;
    server.user(ALICE, &[]).await;
    let cognito = server.cognito();
    let tokens = cognito.tokens(ALICE).await;
    server.clock.advance(Duration::from_secs(3599));
    assert_eq!(cognito.get_user(&tokens.access).await.status, 200);
    server.clock.advance(Duration::from_secs(1));
    assert_snapshot!(cognito.get_user(&tokens.access).await.line(), @r#"400 NotAuthorizedException "Access Token has expired""#);
}

#[tokio::test]
async fn a_refresh_token_lives_for_thirty_days_however_often_it_is_used() {
    let server = TestServer::start().await;
    server.user(ALICE, &[]).await;
    let cognito = server.cognito();
    let tokens = cognito.tokens(ALICE).await;
    server.clock.advance(Duration::from_hours(15 * 24));
    assert_eq!(cognito.refresh(&tokens.refresh).await.status, 200);
    server.clock.advance(Duration::from_secs(15 * 86_400 - 1));
    assert_eq!(cognito.refresh(&tokens.refresh).await.status, 200);
    server.clock.advance(Duration::from_secs(1));
    assert_snapshot!(cognito.refresh(&tokens.refresh).await.line(), @r#"400 NotAuthorizedException "Refresh Token has expired""#);
}

#[tokio::test]
async fn an_expired_refresh_token_stays_expired_after_tidying_up() {
    let server = TestServer::start().await;
    server.user(ALICE, &[]).await;
    let tokens = server.cognito().tokens(ALICE).await;
    server.clock.advance(Duration::from_hours(31 * 24));
    server.engine.sweep().await.unwrap();
    let answer = server.cognito().refresh(&tokens.refresh).await;
    assert_snapshot!(answer.line(), @r#"400 NotAuthorizedException "Refresh Token has expired""#);
}

/// Signs in through a new client with these settings.
async fn through(server: &TestServer, validity: Value) -> (Answer, String) {
    server.user(ALICE, &[]).await;
    let cognito = server.cognito();
    let mut body = json!({
        "UserPoolId": POOL,
        "ClientName": "c",
        "ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
    });
    body.as_object_mut().unwrap().extend(validity.as_object().unwrap().clone());
    let made = cognito.admin("CreateUserPoolClient", &body).await;
    let client = made.get("/UserPoolClient/ClientId");
    let parameters = json!({ "USERNAME": ALICE, "PASSWORD": PASSWORD });
    (cognito.initiate_as(&client, "USER_PASSWORD_AUTH", parameters).await, client)
}

/// `ExpiresIn` and the lives of the access and the ID token.
fn lives(answer: &Answer) -> [i64; 3] {
    let tokens = Tokens::of(answer);
    let life = |token: &str| {
        let claims = claims(token);
        claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap()
    };
    let told = answer.json()["AuthenticationResult"]["ExpiresIn"].as_i64().unwrap();
    [told, life(&tokens.access), life(&tokens.id)]
}

#[tokio::test]
async fn units_of_every_size() {
    let units = |access: &str, id: &str| json!({ "AccessToken": access, "IdToken": id, "RefreshToken": "hours" });
    let cases = [
        (300, 20, units("seconds", "minutes"), [300, 300, 1200]),
        (2, 1, units("hours", "days"), [7200, 7200, 86_400]),
        (3, 4, Value::Null, [10_800, 10_800, 14_400]),
    ];
    for (access, id, units, expected) in cases {
        let server = TestServer::start().await;
        let validity = json!({
            "AccessTokenValidity": access,
            "IdTokenValidity": id,
            "RefreshTokenValidity": 48,
            "TokenValidityUnits": units,
        });
        let (answer, _) = through(&server, validity).await;
        assert_eq!(lives(&answer), expected);
    }
}

#[tokio::test]
async fn a_refresh_token_of_an_hour() {
    let server = TestServer::start().await;
    let validity = json!({
        "RefreshTokenValidity": 3600,
        "TokenValidityUnits": { "RefreshToken": "seconds" },
    });
    let (answer, client) = through(&server, validity).await;
    let refresh = json!({ "REFRESH_TOKEN": Tokens::of(&answer).refresh });
    let cognito = server.cognito();
    server.clock.advance(Duration::from_secs(3599));
    let early = cognito.initiate_as(&client, "REFRESH_TOKEN_AUTH", refresh.clone()).await;
    assert_eq!(early.status, 200);
    server.clock.advance(Duration::from_secs(1));
    let late = cognito.initiate_as(&client, "REFRESH_TOKEN_AUTH", refresh).await;
    assert_snapshot!(late.line(), @r#"400 NotAuthorizedException "Refresh Token has expired""#);
}
