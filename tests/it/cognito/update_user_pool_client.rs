use crate::support::{Answer, CONFIDENTIAL_CLIENT, POOL, Table, TestServer};
use insta::assert_snapshot;
use serde_json::{Value, json};

async fn create(server: &TestServer, settings: &Value) -> Value {
    let mut body = settings.clone();
    body["UserPoolId"] = POOL.into();
    server.cognito().admin("CreateUserPoolClient", &body).await.json()["UserPoolClient"].clone()
}

async fn update(server: &TestServer, client: &Value, settings: &Value) -> Answer {
    let mut body = settings.clone();
    body["UserPoolId"] = POOL.into();
    body["ClientId"] = client.clone();
    server.cognito().admin("UpdateUserPoolClient", &body).await
}

async fn describe(server: &TestServer, client: &Value) -> Value {
    let body = json!({ "UserPoolId": POOL, "ClientId": client });
    server.cognito().admin("DescribeUserPoolClient", &body).await.json()["UserPoolClient"].clone()
}

fn full() -> Value {
    json!({
        "ClientName": "full",
        "RefreshTokenValidity": 10,
        "AccessTokenValidity": 30,
        "IdTokenValidity": 45,
        "TokenValidityUnits": { "AccessToken": "minutes", "IdToken": "minutes" },
        "ReadAttributes": ["email", "name"],
        "WriteAttributes": ["name"],
        "ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
        "CallbackURLs": ["https://app.example.com/in"],
        "SupportedIdentityProviders": ["COGNITO"],
        "PreventUserExistenceErrors": "ENABLED",
        "EnableTokenRevocation": false,
        "EnablePropagateAdditionalUserContextData": true,
        "AuthSessionValidity": 15,
    })
}

/// What tools that keep clients as they are written down rely on: applying the same settings again
/// changes nothing, and the three operations show a client alike.
#[tokio::test]
async fn the_same_settings_again_change_nothing() {
    let server = TestServer::start().await;
    let mut confidential = full();
    confidential["GenerateSecret"] = json!(true);
    for (made, kept) in [
        (json!({ "ClientName": "plain" }), json!({ "ClientName": "plain" })),
        (confidential, full()),
    ] {
        let created = create(&server, &made).await;
        server.clock.advance(std::time::Duration::from_mins(1));
        let id = &created["ClientId"];
        let updated = update(&server, id, &kept).await.json()["UserPoolClient"].clone();
        assert_ne!(updated["LastModifiedDate"], created["LastModifiedDate"]);
        let mut expected = created.clone();
        expected["LastModifiedDate"] = updated["LastModifiedDate"].clone();
        assert_eq!(updated, expected);
        assert_eq!(describe(&server, id).await, expected);
    }
}

#[tokio::test]
async fn lists_that_are_left_out_go_back_to_the_default_and_the_rest_stays() {
    let server = TestServer::start().await;
    let mut made = full();
    made["ClientSecret"] = json!("abcdefghijklmnopqrstuvwxyz");
    let created = create(&server, &made).await;
    let updated = update(&server, &created["ClientId"], &json!({})).await;
    let mut shown = updated.json()["UserPoolClient"].clone();
    assert_eq!(shown.as_object_mut().unwrap().remove("ClientId"), created.get("ClientId").cloned());
    assert_snapshot!(format!("{shown:#}"), @r#"
    {
      "AccessTokenValidity": 30,
      "AllowedOAuthFlowsUserPoolClient": false,
      "AuthSessionValidity": 15,
      "ClientName": "full",
      "ClientSecret": "abcdefghijklmnopqrstuvwxyz",
      "CreationDate": 1767323045,
      "EnablePropagateAdditionalUserContextData": true,
      "EnableTokenRevocation": false,
      "IdTokenValidity": 45,
      "LastModifiedDate": 1767323045,
      "PreventUserExistenceErrors": "ENABLED",
      "RefreshTokenValidity": 10,
      "TokenValidityUnits": {
        "AccessToken": "minutes",
        "IdToken": "minutes"
      },
      "UserPoolId": "eu-west-1_TestPool1"
    }
    "#);
}

/// What an update says is acted on at once, whatever the file has declared.
#[tokio::test]
async fn flows_and_lives_change() {
    let server = TestServer::start().await;
    server.user("alice@example.com", &[]).await;
    let settings = json!({
        "ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH"],
        "AccessTokenValidity": 2,
    });
    let client = json!(crate::support::PUBLIC_CLIENT);
    assert_eq!(update(&server, &client, &settings).await.status, 200);
    let cognito = server.cognito();
    let answer = cognito.sign_in("alice@example.com", crate::support::PASSWORD).await;
    assert_eq!(answer.json()["AuthenticationResult"]["ExpiresIn"], 7200);
    let token = answer.get("/AuthenticationResult/RefreshToken");
    assert_snapshot!(cognito.refresh(&token).await.line(), @r#"400 InvalidParameterException "REFRESH_TOKEN_AUTH flow not enabled for this client""#);
}

#[tokio::test]
async fn rotation_comes_and_goes() {
    let server = TestServer::start().await;
    server.user("alice@example.com", &[]).await;
    let client = json!(crate::support::PUBLIC_CLIENT);
    let flows = json!({ "ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH"] });
    let with = |feature: &str| {
        let mut settings = flows.clone();
        settings["RefreshTokenRotation"] = json!({ "Feature": feature });
        settings
    };
    let steps = [(&with("ENABLED"), true), (&flows, true), (&with("DISABLED"), false)];
    for (settings, rotates) in steps {
        assert_eq!(update(&server, &client, settings).await.status, 200);
        let token = server.cognito().tokens("alice@example.com").await.refresh;
        let body = json!({ "ClientId": client, "RefreshToken": token });
        let answer = server.cognito().call("GetTokensFromRefreshToken", &body).await.json();
        let fresh = &answer["AuthenticationResult"]["RefreshToken"];
        assert_eq!(fresh.is_string(), rotates, "{answer}");
    }
}

/// What an update keeps was read before it: of two at once, none undoes the other unseen.
#[tokio::test]
async fn two_at_once() {
    let server = TestServer::start().await;
    let made = json!({ "ClientName": "c", "ExplicitAuthFlows": ["ALLOW_USER_SRP_AUTH"] });
    let id = create(&server, &made).await["ClientId"].clone();
    for minutes in 4..12 {
        let session = json!({ "AuthSessionValidity": minutes });
        let access = json!({ "AccessTokenValidity": minutes });
        let answers = tokio::join!(update(&server, &id, &session), update(&server, &id, &access));
        let shown = describe(&server, &id).await;
        let members = [("AuthSessionValidity", answers.0), ("AccessTokenValidity", answers.1)];
        let done = members.iter().filter(|(_, answer)| answer.status == 200).count();
        assert!(done > 0);
        for (member, answer) in members {
            if answer.status == 200 {
                assert_eq!(shown[member], minutes, "{shown}");
            } else {
                let told = r#"400 ConcurrentModificationException "The app client was changed at the same time. Try again.""#;
                assert_eq!(answer.line(), told);
            }
        }
    }
}

#[tokio::test]
async fn refused() {
    let server = TestServer::start().await;
    let client = json!(CONFIDENTIAL_CLIENT);
    let before = describe(&server, &client).await;
    let cases = [
        json!({ "WriteAttributes": ["custom:none"] }),
        json!({ "ReadAttributes": ["custom:none"] }),
        json!({ "ExplicitAuthFlows": ["USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"] }),
        json!({ "AccessTokenValidity": 25 }),
        json!({ "AuthSessionValidity": 16 }),
        json!({ "PublishSecretsInAWSSecretsManager": true }),
    ];
    let mut table = Table::default();
    for case in cases {
        table.row(&case.to_string(), &update(&server, &client, &case).await);
    }
    let context = json!({ "EnablePropagateAdditionalUserContextData": true });
    let public = json!(crate::support::PUBLIC_CLIENT);
    table.row("a public client", &update(&server, &public, &context).await);
    table.row("unknown client", &update(&server, &json!("nobody"), &json!({})).await);
    let other = json!(crate::support::OTHER_CLIENT);
    table.row("of another pool", &update(&server, &other, &json!({})).await);
    let unknown = json!({ "UserPoolId": "eu-west-1_Nowhere", "ClientId": "public" });
    table.row("unknown pool", &server.cognito().admin("UpdateUserPoolClient", &unknown).await);
    assert_snapshot!(table, @r#"
    {"WriteAttributes":["custom:none"]}: 400 InvalidParameterException "Invalid write attributes specified while updating a client"
    {"ReadAttributes":["custom:none"]}: 400 InvalidParameterException "Invalid read attributes specified while updating a client"
    {"ExplicitAuthFlows":["USER_PASSWORD_AUTH","ALLOW_REFRESH_TOKEN_AUTH"]}: 400 InvalidParameterException "Auth flow name with prefix 'ALLOW' cannot be used with legacy auth flow names."
    {"AccessTokenValidity":25}: 400 InvalidParameterException "Invalid range for token validity."
    {"AuthSessionValidity":16}: 400 InvalidParameterException "1 validation error detected: Value '16' at 'authSessionValidity' failed to satisfy constraint: Member must have value less than or equal to 15"
    {"PublishSecretsInAWSSecretsManager":true}: 400 InvalidParameterException "PublishSecretsInAWSSecretsManager is not supported by this release of Poolkeeper."
    a public client: 400 InvalidParameterException "Client Secret is required to set EnablePropagateAdditionalUserContextData as true"
    unknown client: 400 ResourceNotFoundException "User pool client nobody does not exist."
    of another pool: 400 ResourceNotFoundException "User pool client other does not exist."
    unknown pool: 400 ResourceNotFoundException "User pool eu-west-1_Nowhere does not exist."
    "#);
    assert_eq!(describe(&server, &client).await, before);
}
