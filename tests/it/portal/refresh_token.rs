use super::{ALICE, login};
use crate::support::{Answer, PASSWORD, TestServer};
use insta::assert_snapshot;
use serde_json::json;
use std::time::Duration;

async fn refresh(server: &TestServer, token: &str) -> Answer {
    server.json("POST", "/api/auth/refresh-token", &json!({ "refresh_token": token })).await
}

#[tokio::test]
async fn the_token_stays_good_and_comes_back() {
    let server = TestServer::start().await;
    let user = server.user(ALICE, &[]).await;
    let token = login(&server, ALICE).await.get("/refresh_token");
    let answer = refresh(&server, &token).await;
    assert_snapshot!(answer.show().replace(user.sub.as_str(), "[sub]"), @r#"
    200 OK
    {
      "access_token": "[jwt]",
      "expires_in": 3600,
      "refresh_token": "[refresh token]",
      "token_type": "bearer",
      "user": {
        "email": "alice@example.com",
        "is_admin": false,
        "name": "IGAD User",
        "role": "user",
        "user_id": "[sub]"
      }
    }
    "#);
    assert_eq!(answer.get("/refresh_token"), token);
    let body = json!({ "refresh_token": token });
    for path in ["/api/auth/refresh", "/api/auth/refresh/", "/api/auth/refresh-token/"] {
        assert_eq!(server.json("POST", path, &body).await.status, 200, "{path}");
    }
}

#[tokio::test]
async fn the_user_is_shown_as_of_now() {
    let server = TestServer::start().await;
    let user = server.user(ALICE, &[]).await;
    let token = login(&server, ALICE).await.get("/refresh_token");
    server.join(&user, "admin").await;
    assert_eq!(refresh(&server, &token).await.json()["user"]["is_admin"], true);
}

#[tokio::test]
async fn refusals() {
    let server = TestServer::start().await;
    let user = server.user(ALICE, &[]).await;
    let answer = login(&server, ALICE).await;
    let (good, access) = (answer.get("/refresh_token"), answer.get("/access_token"));
    let foreign = json!({ "username": ALICE, "password": PASSWORD });
    let foreign = server.json("POST", "/auth", &foreign).await.get("/RefreshToken");
    let mut rows = Vec::new();
    for (case, token) in [
        ("empty", ""),
        ("garbage", "garbage"),
        ("access token", &access),
        ("of another client", &foreign),
        ("with a space", &format!("{good} ")),
    ] {
        rows.push(format!("{case}: {}", refresh(&server, token).await.row(&["www-authenticate"])));
    }
    assert_eq!(refresh(&server, &good).await.status, 200);
    server.edit(&user, |user| user.enabled = false).await;
    rows.push(format!("disabled: {}", refresh(&server, &good).await.row(&[])));
    server.edit(&user, |user| user.enabled = true).await;
    let sign_out = json!({ "AccessToken": access });
    assert_eq!(server.cognito().call("GlobalSignOut", &sign_out).await.status, 200);
    rows.push(format!("signed out: {}", refresh(&server, &good).await.row(&[])));
    let token = login(&server, ALICE).await.get("/refresh_token");
    server.clock.advance(Duration::from_hours(30 * 24));
    rows.push(format!("expired: {}", refresh(&server, &token).await.row(&[])));
    assert_snapshot!(rows.join("\n"), @r#"
    empty: 401 Unauthorized {"detail":"Invalid refresh token"}
    garbage: 401 Unauthorized {"detail":"Invalid refresh token"}
    access token: 401 Unauthorized {"detail":"Invalid refresh token"}
    of another client: 401 Unauthorized {"detail":"Invalid refresh token"}
    with a space: 401 Unauthorized {"detail":"Invalid refresh token"}
    disabled: 401 Unauthorized {"detail":"Invalid refresh token"}
    signed out: 401 Unauthorized {"detail":"Invalid refresh token"}
    expired: 401 Unauthorized {"detail":"Invalid refresh token"}
    "#);
}

#[tokio::test]
async fn bodies_that_break_the_rules() {
    let server = TestServer::start().await;
    let mut rows = Vec::new();
    for path in ["/api/auth/refresh-token", "/api/auth/refresh"] {
        for body in ["", "{}", r#"{"refresh_token":null}"#, r#"{"token":"secret"}"#] {
            let answer = server.text("POST", path, body).await;
            rows.push(format!("{path} {body}\n  {}", answer.row(&[])));
        }
    }
    assert_snapshot!(rows.join("\n"), @r#"
    /api/auth/refresh-token 
      422 Unprocessable Entity {"detail":[{"input":null,"loc":["body"],"msg":"Field required","type":"missing","url":"https://errors.pydantic.dev/2.5/v/missing"}]}
    /api/auth/refresh-token {}
      422 Unprocessable Entity {"detail":[{"input":{},"loc":["body","refresh_token"],"msg":"Field required","type":"missing","url":"https://errors.pydantic.dev/2.5/v/missing"}]}
    /api/auth/refresh-token {"refresh_token":null}
      422 Unprocessable Entity {"detail":[{"input":"**********","loc":["body","refresh_token"],"msg":"Input should be a valid string","type":"string_type","url":"https://errors.pydantic.dev/2.5/v/string_type"}]}
    /api/auth/refresh-token {"token":"secret"}
      422 Unprocessable Entity {"detail":[{"input":{"token":"**********"},"loc":["body","refresh_token"],"msg":"Field required","type":"missing","url":"https://errors.pydantic.dev/2.5/v/missing"}]}
    /api/auth/refresh 
      422 Unprocessable Entity {"detail":[{"input":null,"loc":["body"],"msg":"Field required","type":"missing","url":"https://errors.pydantic.dev/2.5/v/missing"}]}
    /api/auth/refresh {}
      422 Unprocessable Entity {"detail":[{"input":{},"loc":["body","refresh_token"],"msg":"Field required","type":"missing","url":"https://errors.pydantic.dev/2.5/v/missing"}]}
    /api/auth/refresh {"refresh_token":null}
      422 Unprocessable Entity {"detail":[{"input":"**********","loc":["body","refresh_token"],"msg":"Input should be a valid string","type":"string_type","url":"https://errors.pydantic.dev/2.5/v/string_type"}]}
    /api/auth/refresh {"token":"secret"}
      422 Unprocessable Entity {"detail":[{"input":{"token":"**********"},"loc":["body","refresh_token"],"msg":"Field required","type":"missing","url":"https://errors.pydantic.dev/2.5/v/missing"}]}
    "#);
}
