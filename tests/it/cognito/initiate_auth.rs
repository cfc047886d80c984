use crate::support::{PASSWORD, TestServer};
use insta::assert_snapshot;
use serde_json::json;

#[tokio::test]
async fn password() {
    let server = TestServer::start().await;
    server.user("alice@example.com", &[]).await;
    let answer = server.cognito().sign_in("alice@example.com", PASSWORD).await;
    assert_snapshot!(answer.show_with(&["content-type", "x-amzn-requestid"]), @r#"
    200 OK
    content-type: application/x-amz-json-1.1
    x-amzn-requestid: f2337c4d-c552-4434-b5ba-5ef352d7831a
    {
      "AuthenticationResult": {
        "AccessToken": "[jwt]",
        "ExpiresIn": 3600,
        "IdToken": "[jwt]",
        "RefreshToken": "[refresh token]",
        "TokenType": "Bearer"
      },
      "ChallengeParameters": {}
    }
    "#);
}

#[tokio::test]
async fn wrong_password_and_unknown_user_look_alike() {
    let server = TestServer::start().await;
    server.user("alice@example.com", &[]).await;
    let wrong = server.cognito().sign_in("alice@example.com", "wrong").await;
    assert_snapshot!(wrong.show_with(&["x-amzn-errortype", "x-amzn-errormessage"]), @r#"
    400 Bad Request
    x-amzn-errortype: NotAuthorizedException
    x-amzn-errormessage: Incorrect username or password.
    {
      "__type": "NotAuthorizedException",
      "message": "Incorrect username or password."
    }
    "#);
    let unknown = server.cognito().sign_in("nobody@example.com", PASSWORD).await;
    assert_eq!(unknown.show(), wrong.show());
    let names = |answer: &crate::support::Answer| -> Vec<String> {
        answer.headers.keys().map(ToString::to_string).collect()
    };
    assert_eq!(names(&unknown), names(&wrong));
}

#[tokio::test]
async fn refresh() {
    let server = TestServer::start().await;
    server.user("alice@example.com", &[]).await;
    let tokens = server.cognito().sign_in("alice@example.com", PASSWORD).await;
    let refresh_token = tokens.get("/AuthenticationResult/RefreshToken");
    let parameters = json!({ "REFRESH_TOKEN": refresh_token });
    let answer = server.cognito().initiate("REFRESH_TOKEN_AUTH", parameters).await;
    assert_snapshot!(answer.show(), @r#"
    200 OK
    {
      "AuthenticationResult": {
        "AccessToken": "[jwt]",
        "ExpiresIn": 3600,
        "IdToken": "[jwt]",
        "TokenType": "Bearer"
      },
      "ChallengeParameters": {}
    }
    "#);
}
