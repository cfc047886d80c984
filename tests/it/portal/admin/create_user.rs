use super::super::login;
use super::{Admin, new};
use crate::support::TestServer;
use insta::assert_snapshot;
use poolkeeper_pool::entity::SignInName;
use serde_json::json;

const EVE: &str = "eve@example.com";

#[tokio::test]
async fn the_user_is_invited_and_replaces_the_password() {
    let admin = Admin::start().await;
    let answer = admin.call("POST users", new(" Eve@Example.com ")).await;
    assert_snapshot!(answer.show_with(&["cache-control"]), @r#"
    200 OK
    cache-control: no-store
    {
      "message": "User created successfully",
      "success": true,
      "user": {
        "email": " Eve@Example.com ",
        "status": "FORCE_CHANGE_PASSWORD",
        "user_status": "FORCE_CHANGE_PASSWORD",
        "username": " Eve@Example.com "
      }
    }
    "#);
    let mails = admin.server.engine.outbox(9).await.unwrap();
    let [mail] = &mails[..] else { panic!("{mails:?}") };
    assert_eq!(mail.to, EVE);
    assert!(mail.body.expose().contains("Temp0rary!"));
    let user = admin.bare(&format!("GET users/{EVE}")).await.json();
    assert_eq!(
        (&user["user"]["email"], &user["user"]["email_verified"]),
        (&json!(EVE), &json!(true))
    );
    let login = super::super::attempt(&admin.server, EVE, "Temp0rary!").await.json();
    assert_eq!(login["requires_password_change"], true);
}

/// Where addresses are aliases, no username may look like one.
#[tokio::test]
async fn a_user_whose_address_is_an_alias_gets_a_random_username() {
    let server = TestServer::configured(|config| {
        config.pools[0].username_attributes.clear();
        config.pools[0].alias_attributes = vec![SignInName::Email];
    })
    .await;
    let root = server.user("root", &["admin"]).await;
    let proven = [("email", "root@example.com"), ("email_verified", "true")];
    server.edit(&root, |root| proven.iter().for_each(|(n, v)| root.attributes.set(*n, *v))).await;
    let token = login(&server, "root").await.get("/access_token");
    let admin = Admin { server, token };
    let answer = admin.call("POST users", new(EVE)).await;
    assert_snapshot!(answer.row(&[]), @r#"200 OK {"message":"User created successfully","success":true,"user":{"email":"eve@example.com","status":"FORCE_CHANGE_PASSWORD","user_status":"FORCE_CHANGE_PASSWORD","username":"eve@example.com"}}"#);
    let login = super::super::attempt(&admin.server, EVE, "Temp0rary!").await.json();
    assert_eq!(login["requires_password_change"], true);
    let user = admin.bare(&format!("GET users/{EVE}")).await.json();
    assert_eq!(user["user"]["email"], EVE);
    let username = user["user"]["username"].as_str().unwrap();
    assert!(username.len() == 36 && !username.contains('@'), "{username}");
    // Nobody else gets the address.
    assert_snapshot!(admin.call("POST users", new(EVE)).await.row(&[]), @r#"400 Bad Request {"detail":"the email belongs to another user","error":"AliasExistsException","message":"the email belongs to another user","success":false}"#);
}

#[tokio::test]
async fn nobody_is_told_if_nobody_shall_be() {
    let admin = Admin::start().await;
    let mut body = new(EVE);
    body["send_email"] = json!(false);
    assert_eq!(admin.call("POST users", body).await.status, 200);
    assert!(admin.server.engine.outbox(9).await.unwrap().is_empty());
    assert_eq!(login(&admin.server, EVE).await.get("/detail"), "Invalid credentials");
}

#[tokio::test]
async fn refusals() {
    let admin = Admin::start().await;
    admin.server.user(EVE, &[]).await;
    let mut weak = new("new@example.com");
    weak["temporary_password"] = json!("short");
    let types =
        json!({ "username": "a", "email": 1, "temporary_password": 2, "send_email": "yes" });
    let mut rows = Vec::new();
    for (case, body) in [
        ("exists", new("EVE@example.com")),
        ("policy", weak),
        ("no address", new("eve")),
        ("empty", new("")),
        ("members", json!({})),
        ("types", types),
    ] {
        rows.push(format!("{case}: {}", admin.call("POST users", body).await.row(&[])));
    }
    rows.push(format!("no body: {}", admin.bare("POST users").await.row(&[])));
    assert_snapshot!(rows.join("\n"), @r#"
    exists: 400 Bad Request {"detail":"User already exists","error":"UserExistsException","message":"User already exists","success":false}
    policy: 400 Bad Request {"detail":"Password does not meet requirements","error":"InvalidPasswordException","message":"Password does not meet requirements","success":false}
    no address: 400 Bad Request {"detail":"Username should be an email.","error":"InvalidParameterException","message":"Username should be an email.","success":false}
    empty: 400 Bad Request {"detail":"Username has no visible characters.","error":"InvalidParameterException","message":"Username has no visible characters.","success":false}
    members: 422 Unprocessable Entity {"detail":[{"input":{},"loc":["body","username"],"msg":"Field required","type":"missing","url":"https://errors.pydantic.dev/2.5/v/missing"},{"input":{},"loc":["body","email"],"msg":"Field required","type":"missing","url":"https://errors.pydantic.dev/2.5/v/missing"},{"input":{},"loc":["body","temporary_password"],"msg":"Field required","type":"missing","url":"https://errors.pydantic.dev/2.5/v/missing"}]}
    types: 422 Unprocessable Entity {"detail":[{"input":"**********","loc":["body","email"],"msg":"Input should be a valid string","type":"string_type","url":"https://errors.pydantic.dev/2.5/v/string_type"},{"input":"**********","loc":["body","temporary_password"],"msg":"Input should be a valid string","type":"string_type","url":"https://errors.pydantic.dev/2.5/v/string_type"},{"input":"**********","loc":["body","send_email"],"msg":"Input should be a valid boolean","type":"bool_type","url":"https://errors.pydantic.dev/2.5/v/bool_type"}]}
    no body: 422 Unprocessable Entity {"detail":[{"input":null,"loc":["body"],"msg":"Field required","type":"missing","url":"https://errors.pydantic.dev/2.5/v/missing"}]}
    "#);
}
