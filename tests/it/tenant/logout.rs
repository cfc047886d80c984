use super::{ALICE, refresh, token};
use crate::support::{TENANT, TENANT_GROUP, TestServer};
use insta::assert_snapshot;
use serde_json::json;

#[tokio::test]
async fn ends_the_sign_in_and_no_other() {
    let server = TestServer::start().await;
    server.user(ALICE, &[TENANT_GROUP]).await;
    let mut tokens = Vec::new();
    for _ in 0..2 {
        let answer = super::login(&server, ALICE, TENANT, crate::support::PASSWORD).await;
        let token = |name| answer.get(&format!("/cognitoToken/AuthenticationResult/{name}"));
        tokens.push((token("RefreshToken"), token("AccessToken")));
    }
    let body = json!({ "RefreshToken": tokens[0].0 });
    let answer = server.json("POST", "/Logout", &body).await;
    assert_snapshot!(answer.show_with(&["content-type", "cache-control"]), @"
    204 No Content
    content-type: -
    cache-control: no-store
    ");
    for ((refresh_token, access), alive) in tokens.iter().zip([false, true]) {
        let status = if alive { 200 } else { 401 };
        assert_eq!(refresh(&server, TENANT, refresh_token).await.status, status);
        // Of a live token it is said that its user administers nothing.
        let status = if alive { 403 } else { 401 };
        assert_eq!(super::call(&server, "/Credentials", access, &json!({})).await.status, status);
    }
    assert_eq!(server.json("POST", "/Logout", &body).await.status, 204);
}

#[tokio::test]
async fn says_the_same_whatever_the_token_is_worth() {
    let server = TestServer::start().await;
    server.user(ALICE, &[TENANT_GROUP]).await;
    let cognito = server.cognito().tokens(ALICE).await.refresh;
    let good = token(&server, ALICE, TENANT, "RefreshToken").await;
    let text = |token: &str| json!({ "RefreshToken": token }).to_string();
    for body in [
        text(&good),
        text("garbage"),
        text(&format!("{good}x")),
        text("eyJraWQiOiJub2JvZHkifQ.a.b.c.d"),
        text(&cognito),
        "{}".to_owned(),
        r#"{"RefreshToken":1}"#.to_owned(),
        "[]".to_owned(),
        String::new(),
    ] {
        let answer = server.text("POST", "/LogOut", &body).await;
        assert_eq!((answer.status.as_u16(), answer.text.as_str()), (204, ""), "{body}");
    }
    // What was not made through a tenant is none of this face's business.
    assert_eq!(server.cognito().refresh(&cognito).await.status, 200);
}
