use crate::support::{Answer, POOL, Table, TestServer};
use insta::assert_snapshot;
use serde_json::{Value, json};

async fn create(server: &TestServer, more: &Value) -> Answer {
    let mut body = json!({ "UserPoolId": POOL, "ClientName": "app" });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    server.cognito().admin("CreateUserPoolClient", &body).await
}

#[tokio::test]
async fn defaults() {
    let server = TestServer::start().await;
    let answer = create(&server, &json!({})).await;
    let mut client = answer.json()["UserPoolClient"].clone();
    let id = client.as_object_mut().unwrap().remove("ClientId").unwrap();
    let id = id.as_str().unwrap();
    let lower = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    assert!(id.len() == 26 && id.bytes().all(lower), "{id}");
    assert_snapshot!(format!("{client:#}"), @r#"
    {
      "AllowedOAuthFlowsUserPoolClient": false,
      "AuthSessionValidity": 3,
      "ClientName": "app",
      "CreationDate": 1767323045,
      "EnablePropagateAdditionalUserContextData": false,
      "EnableTokenRevocation": true,
      "LastModifiedDate": 1767323045,
      "RefreshTokenValidity": 30,
      "UserPoolId": "eu-west-1_TestPool1"
    }
    "#);
}

#[tokio::test]
async fn what_was_set_is_shown() {
    let server = TestServer::start().await;
    let body = json!({
        "ClientName": "full",
        "RefreshTokenValidity": 10,
        "AccessTokenValidity": 30,
        "IdTokenValidity": 45,
        "TokenValidityUnits": { "AccessToken": "minutes", "IdToken": "minutes" },
        "ReadAttributes": ["email", "name"],
        "WriteAttributes": ["name"],
        "ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
        "PreventUserExistenceErrors": "ENABLED",
        "EnableTokenRevocation": false,
        "AuthSessionValidity": 15,
        "RefreshTokenRotation": { "Feature": "DISABLED" },
    });
    let answer = create(&server, &body).await;
    let client = &answer.json()["UserPoolClient"];
    for (name, value) in body.as_object().unwrap() {
        assert_eq!(client[name], *value, "{name}");
    }
}

#[tokio::test]
async fn secrets() {
    let server = TestServer::start().await;
    let generated = create(&server, &json!({ "GenerateSecret": true })).await;
    let secret = generated.get("/UserPoolClient/ClientSecret");
    let lower = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    assert!(secret.len() >= 51 && secret.bytes().all(lower), "{secret}");
    let another = create(&server, &json!({ "GenerateSecret": true })).await;
    assert_ne!(another.get("/UserPoolClient/ClientSecret"), secret);
    let own = "abcdefghijklmnopqrstuvwxyz";
    let given = create(&server, &json!({ "ClientSecret": own })).await;
    assert_eq!(given.get("/UserPoolClient/ClientSecret"), own);
    for public in [json!({}), json!({ "GenerateSecret": false })] {
        let client = create(&server, &public).await.json();
        assert_eq!(client["UserPoolClient"].get("ClientSecret"), None);
    }
    let both = create(&server, &json!({ "GenerateSecret": true, "ClientSecret": own })).await;
    assert_snapshot!(both.line(), @r#"400 InvalidParameterException "Only one of ClientSecret and GenerateSecret can be given.""#);
}

#[tokio::test]
async fn a_refresh_token_validity_of_zero_is_thirty_days() {
    let server = TestServer::start().await;
    let client = create(&server, &json!({ "RefreshTokenValidity": 0 })).await.json();
    assert_eq!(client["UserPoolClient"]["RefreshTokenValidity"], 30);
}

#[tokio::test]
async fn validities_out_of_range() {
    let server = TestServer::start().await;
    let cases = [
        json!({ "AccessTokenValidity": 299, "TokenValidityUnits": { "AccessToken": "seconds" } }),
        json!({ "AccessTokenValidity": 4, "TokenValidityUnits": { "AccessToken": "minutes" } }),
        json!({ "AccessTokenValidity": 25 }),
        json!({ "AccessTokenValidity": 0 }),
        json!({ "IdTokenValidity": 2, "TokenValidityUnits": { "IdToken": "days" } }),
        json!({ "RefreshTokenValidity": 3651 }),
        json!({ "RefreshTokenValidity": 59, "TokenValidityUnits": { "RefreshToken": "minutes" } }),
        json!({
            "RefreshTokenValidity": 1,
            "AccessTokenValidity": 2,
            "TokenValidityUnits": { "RefreshToken": "hours" },
        }),
        json!({ "TokenValidityUnits": { "AccessToken": "weeks" } }),
        json!({ "AuthSessionValidity": 2 }),
    ];
    let mut table = Table::default();
    for case in cases {
        table.row(&case.to_string(), &create(&server, &case).await);
    }
    assert_snapshot!(table, @r#"
    {"AccessTokenValidity":299,"TokenValidityUnits":{"AccessToken":"seconds"}}: 400 InvalidParameterException "Invalid range for token validity."
    {"AccessTokenValidity":4,"TokenValidityUnits":{"AccessToken":"minutes"}}: 400 InvalidParameterException "Invalid range for token validity."
    {"AccessTokenValidity":25}: 400 InvalidParameterException "Invalid range for token validity."
    {"AccessTokenValidity":0}: 400 InvalidParameterException "1 validation error detected: Value '0' at 'accessTokenValidity' failed to satisfy constraint: Member must have value greater than or equal to 1"
    {"IdTokenValidity":2,"TokenValidityUnits":{"IdToken":"days"}}: 400 InvalidParameterException "Invalid range for token validity."
    {"RefreshTokenValidity":3651}: 400 InvalidParameterException "Invalid range for token validity."
    {"RefreshTokenValidity":59,"TokenValidityUnits":{"RefreshToken":"minutes"}}: 400 InvalidParameterException "Invalid range for token validity."
    {"AccessTokenValidity":2,"RefreshTokenValidity":1,"TokenValidityUnits":{"RefreshToken":"hours"}}: 400 InvalidParameterException "Invalid range for token validity."
    {"TokenValidityUnits":{"AccessToken":"weeks"}}: 400 InvalidParameterException "1 validation error detected: Value 'weeks' at 'tokenValidityUnits.accessToken' failed to satisfy constraint: Member must satisfy enum value set: [seconds, minutes, hours, days]"
    {"AuthSessionValidity":2}: 400 InvalidParameterException "1 validation error detected: Value '2' at 'authSessionValidity' failed to satisfy constraint: Member must have value greater than or equal to 3"
    "#);
}

#[tokio::test]
async fn refused() {
    let server = TestServer::start().await;
    let flows = |flows: &[&str]| json!({ "ExplicitAuthFlows": flows });
    let cases = [
        flows(&["USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]),
        flows(&["ALLOW_EVERYTHING"]),
        flows(&["ALLOW_TOKEN_EXCHANGE_DELEGATION"]),
        json!({ "ReadAttributes": ["email", "custom:none"] }),
        json!({ "WriteAttributes": ["email", "custom:none"] }),
        json!({ "RefreshTokenRotation": { "Feature": "ENABLED" } }),
        json!({ "EnablePropagateAdditionalUserContextData": true }),
        json!({ "ClientSecret": "short" }),
        json!({ "PublishSecretsInAWSSecretsManager": true }),
        json!({ "UserPoolId": "eu-west-1_Nowhere" }),
    ];
    let mut table = Table::default();
    for case in cases {
        table.row(&case.to_string(), &create(&server, &case).await);
    }
    assert_snapshot!(table, @r#"
    {"ExplicitAuthFlows":["USER_PASSWORD_AUTH","ALLOW_REFRESH_TOKEN_AUTH"]}: 400 InvalidParameterException "Auth flow name with prefix 'ALLOW' cannot be used with legacy auth flow names."
    {"ExplicitAuthFlows":["ALLOW_EVERYTHING"]}: 400 InvalidParameterException "1 validation error detected: Value '[ALLOW_EVERYTHING]' at 'explicitAuthFlows' failed to satisfy constraint: Member must satisfy constraint: [Member must satisfy enum value set: [ADMIN_NO_SRP_AUTH, CUSTOM_AUTH_FLOW_ONLY, USER_PASSWORD_AUTH, ALLOW_ADMIN_USER_PASSWORD_AUTH, ALLOW_CUSTOM_AUTH, ALLOW_USER_PASSWORD_AUTH, ALLOW_USER_SRP_AUTH, ALLOW_REFRESH_TOKEN_AUTH, ALLOW_USER_AUTH, ALLOW_TOKEN_EXCHANGE_DELEGATION, ALLOW_TOKEN_EXCHANGE_IMPERSONATION]]"
    {"ExplicitAuthFlows":["ALLOW_TOKEN_EXCHANGE_DELEGATION"]}: 400 InvalidParameterException "ALLOW_TOKEN_EXCHANGE_DELEGATION is not supported by this release of Poolkeeper."
    {"ReadAttributes":["email","custom:none"]}: 400 InvalidParameterException "Invalid read attributes specified while creating a client"
    {"WriteAttributes":["email","custom:none"]}: 400 InvalidParameterException "Invalid write attributes specified while creating a client"
    {"RefreshTokenRotation":{"Feature":"ENABLED"}}: 400 InvalidParameterException "ALLOW_REFRESH_TOKEN_AUTH cannot be enabled when refresh token rotation is enabled."
    {"EnablePropagateAdditionalUserContextData":true}: 400 InvalidParameterException "Client Secret is required to set EnablePropagateAdditionalUserContextData as true"
    {"ClientSecret":"short"}: 400 InvalidParameterException "1 validation error detected: Value at 'clientSecret' failed to satisfy constraint: Member must have length greater than or equal to 24"
    {"PublishSecretsInAWSSecretsManager":true}: 400 InvalidParameterException "PublishSecretsInAWSSecretsManager is not supported by this release of Poolkeeper."
    {"UserPoolId":"eu-west-1_Nowhere"}: 400 ResourceNotFoundException "User pool eu-west-1_Nowhere does not exist."
    "#);
}

#[tokio::test]
async fn flows_by_their_old_names() {
    let server = TestServer::start().await;
    server.user("alice@example.com", &[]).await;
    let client = create(&server, &json!({ "ExplicitAuthFlows": ["USER_PASSWORD_AUTH"] })).await;
    let client = client.get("/UserPoolClient/ClientId");
    let cognito = server.cognito();
    let parameters =
        json!({ "USERNAME": "alice@example.com", "PASSWORD": crate::support::PASSWORD });
    let tokens = cognito.initiate_as(&client, "USER_PASSWORD_AUTH", parameters).await;
    let token = tokens.get("/AuthenticationResult/RefreshToken");
    let parameters = json!({ "REFRESH_TOKEN": token });
    let refreshed = cognito.initiate_as(&client, "REFRESH_TOKEN_AUTH", parameters).await;
    assert_eq!(refreshed.status, 200);
}

/// The old names were made when every client had SRP.
#[tokio::test]
async fn old_names_leave_srp_on() {
    let server = TestServer::start().await;
    server.user("alice@example.com", &[]).await;
    let mut lines = Vec::new();
    for flows in [
        json!(["USER_PASSWORD_AUTH"]),
        json!(["ADMIN_NO_SRP_AUTH"]),
        json!(["CUSTOM_AUTH_FLOW_ONLY"]),
        json!(["CUSTOM_AUTH_FLOW_ONLY", "USER_PASSWORD_AUTH"]),
    ] {
        let client = create(&server, &json!({ "ExplicitAuthFlows": flows })).await;
        let client = client.get("/UserPoolClient/ClientId");
        let parameters = json!({ "USERNAME": "alice@example.com", "SRP_A": "a1b2" });
        let begun = server.cognito().initiate_as(&client, "USER_SRP_AUTH", parameters).await;
        let told =
            begun.json()["ChallengeName"].as_str().map_or_else(|| begun.line(), str::to_owned);
        lines.push(format!("{flows}: {told}"));
    }
    assert_snapshot!(lines.join("\n"), @r#"
    ["USER_PASSWORD_AUTH"]: PASSWORD_VERIFIER
    ["ADMIN_NO_SRP_AUTH"]: PASSWORD_VERIFIER
    ["CUSTOM_AUTH_FLOW_ONLY"]: 400 InvalidParameterException "USER_SRP_AUTH flow not enabled for this client"
    ["CUSTOM_AUTH_FLOW_ONLY","USER_PASSWORD_AUTH"]: 400 InvalidParameterException "USER_SRP_AUTH flow not enabled for this client"
    "#);
}

#[tokio::test]
async fn a_session_lives_as_long_as_the_client_says() {
    let server = TestServer::start().await;
    server.new_user("new@example.com", &[]).await;
    let flows = ["ALLOW_USER_PASSWORD_AUTH"];
    let body = json!({ "ExplicitAuthFlows": flows, "AuthSessionValidity": 15 });
    let client = create(&server, &body).await.get("/UserPoolClient/ClientId");
    let parameters = json!({ "USERNAME": "new@example.com", "PASSWORD": crate::support::PASSWORD });
    let cognito = server.cognito();
    let asked = cognito.initiate_as(&client, "USER_PASSWORD_AUTH", parameters).await;
    let body = json!({
        "ChallengeName": "NEW_PASSWORD_REQUIRED",
        "ClientId": client,
        "Session": asked.get("/Session"),
        "ChallengeResponses": { "USERNAME": "new@example.com", "NEW_PASSWORD": "weak" },
    });
    server.clock.advance(std::time::Duration::from_secs(899));
    let early = cognito.call("RespondToAuthChallenge", &body).await;
    assert_eq!(early.get("/__type"), "InvalidPasswordException");
    server.clock.advance(std::time::Duration::from_secs(1));
    let late = cognito.call("RespondToAuthChallenge", &body).await;
    assert_eq!(late.get("/message"), "Invalid session for the user, session is expired.");
}
