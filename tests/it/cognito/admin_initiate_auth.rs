use crate::support::{
    CONFIDENTIAL_CLIENT, OTHER_CLIENT, OTHER_POOL, PASSWORD, POOL, PORTAL_CLIENT, PUBLIC_CLIENT,
    Table, TestServer, Tokens, claims, secret_hash,
};
use insta::assert_snapshot;
use serde_json::json;

const ALICE: &str = "alice@example.com";
const FLOW: &str = "ADMIN_USER_PASSWORD_AUTH";

#[tokio::test]
async fn password() {
    let server = TestServer::start().await;
    server.user(ALICE, &[]).await;
    let parameters = json!({
        "USERNAME": ALICE,
        "PASSWORD": PASSWORD,
        "SECRET_HASH": secret_hash(ALICE, CONFIDENTIAL_CLIENT),
    });
    let answer = server.cognito().admin_initiate(CONFIDENTIAL_CLIENT, FLOW, parameters).await;
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
    assert_eq!(claims(&Tokens::of(&answer).access)["client_id"], CONFIDENTIAL_CLIENT);
}

#[tokio::test]
async fn the_flow_goes_by_an_older_name() {
    let server = TestServer::start().await;
    server.user(ALICE, &[]).await;
    let parameters = json!({ "USERNAME": ALICE, "PASSWORD": PASSWORD });
    let cognito = server.cognito();
    let answer = cognito.admin_initiate(PORTAL_CLIENT, "ADMIN_NO_SRP_AUTH", parameters).await;
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn refresh() {
    let server = TestServer::start().await;
    server.user(ALICE, &[]).await;
    let parameters = json!({ "USERNAME": ALICE, "PASSWORD": PASSWORD });
    let cognito = server.cognito();
    let tokens = Tokens::of(&cognito.admin_initiate(PORTAL_CLIENT, FLOW, parameters).await);
    let parameters = json!({ "REFRESH_TOKEN": tokens.refresh });
    let answer = cognito.admin_initiate(PORTAL_CLIENT, "REFRESH_TOKEN_AUTH", parameters).await;
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

#[tokio::test]
async fn flows_that_do_not_belong_here() {
    let server = TestServer::start().await;
    let mut table = Table::default();
    for flow in ["USER_PASSWORD_AUTH", "USER_SRP_AUTH", "CUSTOM_AUTH", "USER_AUTH"] {
        let parameters = json!({ "USERNAME": ALICE, "PASSWORD": PASSWORD });
        let cognito = server.cognito();
        table.row(flow, &cognito.admin_initiate(CONFIDENTIAL_CLIENT, flow, parameters).await);
    }
    let parameters = json!({ "USERNAME": ALICE, "PASSWORD": PASSWORD });
    let answer = server.cognito().admin_initiate(PUBLIC_CLIENT, FLOW, parameters).await;
    table.row("not enabled", &answer);
    assert_snapshot!(table, @r#"
    USER_PASSWORD_AUTH: 400 InvalidParameterException "Initiate Auth method not supported."
    USER_SRP_AUTH: 400 InvalidParameterException "Missing required parameter SRP_A"
    CUSTOM_AUTH: 400 InvalidParameterException "CUSTOM_AUTH is not supported by this release of Poolkeeper."
    USER_AUTH: 400 InvalidParameterException "USER_AUTH flow not enabled for this client"
    not enabled: 400 InvalidParameterException "ADMIN_USER_PASSWORD_AUTH flow not enabled for this client"
    "#);
}

#[tokio::test]
async fn pools_and_clients_that_do_not_fit() {
    let server = TestServer::start().await;
    server.user(ALICE, &[]).await;
    let cases = [
        ("unknown pool", "eu-west-1_Nowhere", PORTAL_CLIENT),
        ("unknown client", POOL, "nobody"),
        ("client of another pool", POOL, OTHER_CLIENT),
        ("pool of another client", OTHER_POOL, PORTAL_CLIENT),
    ];
    let mut table = Table::default();
    for (case, pool, client) in cases {
        let body = json!({
            "UserPoolId": pool,
            "AuthFlow": FLOW,
            "ClientId": client,
            "AuthParameters": { "USERNAME": ALICE, "PASSWORD": PASSWORD },
        });
        table.row(case, &server.cognito().admin("AdminInitiateAuth", &body).await);
    }
    assert_snapshot!(table, @r#"
    unknown pool: 400 ResourceNotFoundException "User pool eu-west-1_Nowhere does not exist."
    unknown client: 400 ResourceNotFoundException "User pool client nobody does not exist."
    client of another pool: 400 ResourceNotFoundException "User pool client other does not exist."
    pool of another client: 400 ResourceNotFoundException "User pool client portal does not exist."
    "#);
}

#[tokio::test]
async fn missing_parameters() {
    let server = TestServer::start().await;
    let cases =
        [(FLOW, json!({})), (FLOW, json!({ "USERNAME": "a" })), ("REFRESH_TOKEN_AUTH", json!({}))];
    let mut table = Table::default();
    for (flow, parameters) in cases {
        let case = parameters.to_string();
        let cognito = server.cognito();
        table.row(&case, &cognito.admin_initiate(PORTAL_CLIENT, flow, parameters).await);
    }
    assert_snapshot!(table, @r#"
    {}: 400 InvalidParameterException "Missing required parameter USERNAME"
    {"USERNAME":"a"}: 400 InvalidParameterException "Missing required parameter PASSWORD"
    {}: 400 InvalidParameterException "Missing required parameter REFRESH_TOKEN"
    "#);
}
