use crate::support::{OTHER_POOL, POOL, Table, TestServer};
use insta::assert_snapshot;
use poolkeeper_pool::entity::User;
use serde_json::json;
use std::fmt::Write as _;
use std::time::Duration;

const ALICE: &str = "alice@example.com";

async fn get(server: &TestServer, pool: &str, name: &str) -> crate::support::Answer {
    let body = json!({ "UserPoolId": pool, "Username": name });
    server.cognito().admin("AdminGetUser", &body).await
}

#[tokio::test]
async fn by_every_name() {
    let server = TestServer::start().await;
    let alice = server.user(ALICE, &[]).await;
    server.clock.advance(Duration::from_millis(90_500));
    server.edit(&alice, |user| user.attributes.set("name", "Alice")).await;
    let answer = get(&server, POOL, ALICE).await;
    assert_snapshot!(answer.show(), @r#"
    200 OK
    {
      "Enabled": true,
      "UserAttributes": [
        {
          "Name": "sub",
          "Value": "94e34a0e-ffe1-4c58-b223-48245a58bc09"
        },
        {
          "Name": "email",
          "Value": "alice@example.com"
        },
        {
          "Name": "name",
          "Value": "Alice"
        }
      ],
      "UserCreateDate": 1767323045,
      "UserLastModifiedDate": 1767323135.5,
      "UserStatus": "CONFIRMED",
      "Username": "94e34a0e-ffe1-4c58-b223-48245a58bc09"
    }
    "#);
    for name in [alice.sub.as_str(), alice.username.as_str(), "ALICE@example.com"] {
        assert_eq!(get(&server, POOL, name).await.text, answer.text, "{name}");
    }
}

#[tokio::test]
async fn states_and_second_factors() {
    let server = TestServer::start().await;
    server.new_user("new@example.com", &[]).await;
    let disabled = server.user("disabled@example.com", &[]).await;
    server.edit(&disabled, |user: &mut User| user.enabled = false).await;
    server.totp_user("tina@example.com", &[]).await;
    server.email_mfa_user("emma@example.com", &[]).await;
    let mut lines = String::new();
    for name in ["new", "disabled", "tina", "emma"] {
        let shown = get(&server, POOL, &format!("{name}@example.com")).await.json();
        let members =
            ["UserStatus", "Enabled", "UserMFASettingList", "PreferredMfaSetting", "MFAOptions"];
        let members = members.map(|member| shown[member].to_string());
        writeln!(lines, "{name}: {}", members.join(" ")).unwrap();
    }
    assert_snapshot!(lines, @r#"
    new: "FORCE_CHANGE_PASSWORD" true null null null
    disabled: "CONFIRMED" false null null null
    tina: "CONFIRMED" true ["SOFTWARE_TOKEN_MFA"] "SOFTWARE_TOKEN_MFA" null
    emma: "CONFIRMED" true ["EMAIL_OTP"] "EMAIL_OTP" null
    "#);
}

#[tokio::test]
async fn refused() {
    let server = TestServer::start().await;
    server.user(ALICE, &[]).await;
    let mut table = Table::default();
    table.row("unknown user", &get(&server, POOL, "nobody@example.com").await);
    table.row("other pool", &get(&server, OTHER_POOL, ALICE).await);
    table.row("unknown pool", &get(&server, "eu-west-1_Nowhere", ALICE).await);
    assert_snapshot!(table, @r#"
    unknown user: 400 UserNotFoundException "User does not exist."
    other pool: 400 UserNotFoundException "User does not exist."
    unknown pool: 400 ResourceNotFoundException "User pool eu-west-1_Nowhere does not exist."
    "#);
}
