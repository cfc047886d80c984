use super::{ALICE, login};
use crate::support::{PASSWORD, TestServer};
use insta::assert_snapshot;
use serde_json::json;

#[tokio::test]
async fn it_always_succeeds() {
    let server = TestServer::start().await;
    server.user(ALICE, &[]).await;
    let access = login(&server, ALICE).await.get("/access_token");
    let mut rows = Vec::new();
    for body in [
        "",
        "{}",
        "null",
        "{",
        r#"{"refresh_token":null}"#,
        r#"{"refresh_token":7}"#,
        r#"{"refresh_token":"garbage"}"#,
        &json!({ "refresh_token": access }).to_string(),
    ] {
        rows.push(server.text("POST", "/api/auth/logout", body).await.row(&[]));
    }
    rows.push(server.bare("POST", "/api/auth/logout/", &[]).await.row(&[]));
    rows.dedup();
    assert_snapshot!(rows.join("\n"), @r#"200 OK {"message":"Logged out successfully"}"#);
    let header = format!("Bearer {access}");
    let me = server.bare("GET", "/api/auth/me", &[("authorization", &header)]).await;
    assert_eq!(me.status, 200, "none of them ended the sign-in");
}

#[tokio::test]
async fn a_refresh_token_ends_its_sign_in_and_no_other() {
    let server = TestServer::start().await;
    server.user(ALICE, &[]).await;
    let (mine, other) = (login(&server, ALICE).await, login(&server, ALICE).await);
    let body = json!({ "refresh_token": mine.get("/refresh_token") });
    for _ in 0..2 {
        assert_eq!(server.json("POST", "/api/auth/logout", &body).await.status, 200);
    }
    for (answer, status) in [(&mine, 401), (&other, 200)] {
        let header = format!("Bearer {}", answer.get("/access_token"));
        let me = server.bare("GET", "/api/auth/me", &[("authorization", &header)]).await;
        let body = json!({ "refresh_token": answer.get("/refresh_token") });
        let refresh = server.json("POST", "/api/auth/refresh-token", &body).await;
        assert_eq!((me.status.as_u16(), refresh.status.as_u16()), (status, status));
    }
}

#[tokio::test]
async fn tokens_of_other_clients_are_left_alone() {
    let server = TestServer::start().await;
    server.user(ALICE, &[]).await;
    let foreign = json!({ "username": ALICE, "password": PASSWORD });
    let foreign = server.json("POST", "/auth", &foreign).await.get("/RefreshToken");
    let body = json!({ "refresh_token": foreign });
    assert_eq!(server.json("POST", "/api/auth/logout", &body).await.status, 200);
    let body = json!({ "token": foreign });
    assert_eq!(server.json("POST", "/auth/refresh_token", &body).await.status, 200);
}
