use crate::support::{
    Answer, OTHER_POOL, PASSWORD, POOL, PORTAL_CLIENT, PUBLIC_CLIENT, Table, TestServer,
};
use insta::assert_snapshot;
use serde_json::json;

const NEW: &str = "new@example.com";

async fn session(server: &TestServer) -> String {
    let parameters = json!({ "USERNAME": NEW, "PASSWORD": PASSWORD });
    let flow = "ADMIN_USER_PASSWORD_AUTH";
    let asked = server.cognito().admin_initiate(PORTAL_CLIENT, flow, parameters).await;
    asked.get("/Session")
}

async fn respond(server: &TestServer, pool: &str, client: &str, session: &str) -> Answer {
    let body = json!({
        "UserPoolId": pool,
        "ClientId": client,
        "ChallengeName": "NEW_PASSWORD_REQUIRED",
        "Session": session,
        "ChallengeResponses": { "USERNAME": NEW, "NEW_PASSWORD": "N3w-Passw0rd" },
    });
    server.cognito().admin("AdminRespondToAuthChallenge", &body).await
}

#[tokio::test]
async fn new_password() {
    let server = TestServer::start().await;
    server.new_user(NEW, &[]).await;
    let answer = respond(&server, POOL, PORTAL_CLIENT, &session(&server).await).await;
    assert_snapshot!(answer.show(), @r#"
    200 OK
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
async fn software_token() {
    let server = TestServer::start().await;
    server.totp_user(NEW, &[]).await;
    let body = json!({
        "UserPoolId": POOL,
        "ClientId": PORTAL_CLIENT,
        "ChallengeName": "SOFTWARE_TOKEN_MFA",
        "Session": session(&server).await,
        "ChallengeResponses": { "USERNAME": NEW, "SOFTWARE_TOKEN_MFA_CODE": server.totp_code() },
    });
    let answer = server.cognito().admin("AdminRespondToAuthChallenge", &body).await;
    assert_snapshot!(answer.show(), @r#"
    200 OK
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
async fn a_public_operation_may_go_on_with_the_session() {
    let server = TestServer::start().await;
    server.new_user(NEW, &[]).await;
    let session = server.cognito().sign_in(NEW, PASSWORD).await.get("/Session");
    assert_eq!(respond(&server, POOL, PUBLIC_CLIENT, &session).await.status, 200);
}

#[tokio::test]
async fn refused() {
    let server = TestServer::start().await;
    server.new_user(NEW, &[]).await;
    let session = session(&server).await;
    let mut table = Table::default();
    let unknown = "eu-west-1_Nowhere";
    table.row("unknown pool", &respond(&server, unknown, PORTAL_CLIENT, &session).await);
    table.row("other pool", &respond(&server, OTHER_POOL, PORTAL_CLIENT, &session).await);
    table.row("other client", &respond(&server, POOL, PUBLIC_CLIENT, &session).await);
    table.row("unknown client", &respond(&server, POOL, "nobody", &session).await);
    let body = json!({
        "UserPoolId": POOL,
        "ClientId": PORTAL_CLIENT,
        "ChallengeName": "NEW_PASSWORD_REQUIRED",
        "ChallengeResponses": { "USERNAME": NEW, "NEW_PASSWORD": "N3w-Passw0rd" },
    });
    let cognito = server.cognito();
    table.row("no session", &cognito.admin("AdminRespondToAuthChallenge", &body).await);
    assert_snapshot!(table, @r#"
    unknown pool: 400 ResourceNotFoundException "User pool eu-west-1_Nowhere does not exist."
    other pool: 400 ResourceNotFoundException "User pool client portal does not exist."
    other client: 400 NotAuthorizedException "Invalid session for the user."
    unknown client: 400 ResourceNotFoundException "User pool client nobody does not exist."
    no session: 400 InvalidParameterException "Missing required parameter Session"
    "#);
}
