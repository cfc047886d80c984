use super::{ALICE, FRESH, attempt, login, with_token};
use crate::support::{Answer, PASSWORD, TestServer};
use insta::assert_snapshot;
use serde_json::json;
use std::time::Duration;

const LINE: &str = "POST /api/auth/change-password";

async fn change(server: &TestServer, token: &str, current: &str, new: &str) -> Answer {
    let body = json!({ "current_password": current, "new_password": new });
    with_token(server, token, LINE, &body).await
}

#[tokio::test]
async fn the_new_password_is_the_password() {
    let server = TestServer::start().await;
    server.user(ALICE, &[]).await;
    let (mine, other) = (login(&server, ALICE).await, login(&server, ALICE).await);
    let answer = change(&server, &mine.get("/access_token"), PASSWORD, FRESH).await;
    assert_snapshot!(answer.show_with(&["cache-control"]), @r#"
    200 OK
    cache-control: no-store
    {
      "message": "Password changed successfully"
    }
    "#);
    assert_eq!(login(&server, ALICE).await.get("/detail"), "Invalid credentials");
    assert_eq!(attempt(&server, ALICE, FRESH).await.status, 200);
    // Other sign-ins stay, as in Cognito.
    let body = json!({ "refresh_token": other.get("/refresh_token") });
    assert_eq!(server.json("POST", "/api/auth/refresh-token", &body).await.status, 200);
}

#[tokio::test]
async fn refusals() {
    let server = TestServer::start().await;
    server.user(ALICE, &["fd42"]).await;
    let token = login(&server, ALICE).await.get("/access_token");
    let foreign = json!({ "username": ALICE, "password": PASSWORD });
    let foreign = server.json("POST", "/auth", &foreign).await.get("/AccessToken");
    let mut rows = Vec::new();
    for (case, token, current, new) in [
        ("wrong", token.as_str(), "wrong", FRESH),
        ("empty", &token, "", FRESH),
        ("policy", &token, PASSWORD, "short"),
        ("no new one", &token, PASSWORD, ""),
        ("another client's token", &foreign, PASSWORD, FRESH),
        ("no token", "", PASSWORD, FRESH),
    ] {
        let answer = change(&server, token, current, new).await;
        rows.push(format!("{case}: {}", answer.row(&["www-authenticate"])));
    }
    let answer = with_token(&server, &token, LINE, &json!({ "password": PASSWORD })).await;
    rows.push(format!("members: {}", answer.row(&[])));
    let answer = with_token(&server, "garbage", LINE, &json!({})).await;
    rows.push(format!("the token is looked at first: {}", answer.row(&[])));
    server.clock.advance(Duration::from_hours(1));
    let answer = change(&server, &token, PASSWORD, FRESH).await;
    rows.push(format!("expired: {}", answer.row(&["www-authenticate"])));
    assert_snapshot!(rows.join("\n"), @r#"
    wrong: 401 Unauthorized {"detail":"Invalid credentials"}
    empty: 401 Unauthorized {"detail":"Invalid credentials"}
    policy: 400 Bad Request {"detail":"Password does not meet requirements"}
    no new one: 400 Bad Request {"detail":"Password does not meet requirements"}
    another client's token: 401 Unauthorized {"detail":"Invalid token"} www-authenticate: Bearer
    no token: 401 Unauthorized {"detail":"Not authenticated"} www-authenticate: Bearer
    members: 422 Unprocessable Entity {"detail":[{"input":{"password":"**********"},"loc":["body","current_password"],"msg":"Field required","type":"missing","url":"https://errors.pydantic.dev/2.5/v/missing"},{"input":{"password":"**********"},"loc":["body","new_password"],"msg":"Field required","type":"missing","url":"https://errors.pydantic.dev/2.5/v/missing"}]}
    the token is looked at first: 401 Unauthorized {"detail":"Invalid token"}
    expired: 401 Unauthorized {"detail":"Token has expired"} www-authenticate: Bearer
    "#);
    assert_eq!(login(&server, ALICE).await.status, 200, "nothing was changed");
}

#[tokio::test]
async fn wrong_guesses_count_like_those_of_a_login() {
    let server = TestServer::start().await;
    server.user(ALICE, &[]).await;
    let token = login(&server, ALICE).await.get("/access_token");
    for _ in 0..5 {
        assert_eq!(change(&server, &token, "wrong", FRESH).await.status, 401);
    }
    let row = change(&server, &token, PASSWORD, FRESH).await.row(&["retry-after"]);
    assert_snapshot!(row, @r#"401 Unauthorized {"detail":"Invalid credentials"}"#);
    assert_eq!(login(&server, ALICE).await.get("/detail"), "Invalid credentials", "locked");
}
