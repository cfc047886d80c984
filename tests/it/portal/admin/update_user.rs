use super::super::{ALICE, attempt, login};
use super::Admin;
use crate::support::PASSWORD;
use insta::assert_snapshot;
use serde_json::json;

#[tokio::test]
async fn address_and_attributes_at_once() {
    let admin = Admin::start().await;
    let alice = admin.server.user(ALICE, &[]).await;
    let body = json!({
        "email": " Alice@New.example.com",
        "attributes": { "name": "Alice A.", "locale": "en", "email": "ignored@example.com" },
    });
    let answer = admin.call(&format!("PUT users/{ALICE}"), body).await;
    assert_snapshot!(answer.show_with(&["cache-control"]), @r#"
    200 OK
    cache-control: no-store
    {
      "message": "User updated successfully",
      "success": true
    }
    "#);
    let user = admin.bare(&format!("GET users/{}", alice.sub)).await;
    let attributes = user.json()["user"]["attributes"].to_string();
    assert_snapshot!(attributes.replace(alice.sub.as_str(), "[sub]"), @r#"{"email":"alice@new.example.com","email_verified":"true","locale":"en","name":"Alice A.","sub":"[sub]"}"#);
    assert_eq!(login(&admin.server, ALICE).await.get("/detail"), "User not found");
    assert_eq!(attempt(&admin.server, "alice@new.example.com", PASSWORD).await.status, 200);
}

#[tokio::test]
async fn an_address_among_the_attributes_is_not_vouched_for() {
    let admin = Admin::start().await;
    let alice = admin.server.user(ALICE, &[]).await;
    let body = json!({ "attributes": { "email": "boss@example.com", "name": "" } });
    assert_eq!(admin.call(&format!("PUT users/{ALICE}"), body).await.status, 200);
    let user = admin.bare(&format!("GET users/{}", alice.sub)).await.json();
    assert_eq!(user["user"]["email_verified"], false);
    let boss = login(&admin.server, "boss@example.com").await.json();
    assert_eq!(boss["user"]["is_admin"], false);
}

#[tokio::test]
async fn nothing_may_be_set() {
    let admin = Admin::start().await;
    admin.server.user(ALICE, &[]).await;
    for body in [json!({}), json!({ "email": null, "attributes": null, "other": 1 })] {
        assert_eq!(admin.call(&format!("PUT users/{ALICE}"), body).await.status, 200);
    }
}

#[tokio::test]
async fn refusals() {
    let admin = Admin::start().await;
    admin.server.user(ALICE, &[]).await;
    admin.server.user("bob@example.com", &[]).await;
    let mut rows = Vec::new();
    for body in [
        json!({ "email": "bob@example.com" }),
        json!({ "email": "nonsense" }),
        json!({ "email": "" }),
        json!({ "attributes": { "sub": "x" } }),
        json!({ "attributes": { "custom:none": "x" } }),
        json!({ "email": 1, "attributes": [] }),
        json!({ "attributes": { "name": 1, "locale": "en", "zoneinfo": null } }),
    ] {
        let answer = admin.call(&format!("PUT users/{ALICE}"), body.clone()).await;
        rows.push(format!("{body}: {}", answer.row(&[])));
    }
    rows.push(format!("no body: {}", admin.bare(&format!("PUT users/{ALICE}")).await.row(&[])));
    assert_snapshot!(rows.join("\n"), @r#"
    {"email":"bob@example.com"}: 400 Bad Request {"detail":"the email belongs to another user","error":"AliasExistsException","message":"the email belongs to another user","success":false}
    {"email":"nonsense"}: 400 Bad Request {"detail":"Invalid email address format.","error":"InvalidParameterException","message":"Invalid email address format.","success":false}
    {"email":""}: 400 Bad Request {"detail":"Email is required to verify/un-verify an email","error":"InvalidParameterException","message":"Email is required to verify/un-verify an email","success":false}
    {"attributes":{"sub":"x"}}: 400 Bad Request {"detail":"user.sub: Attribute cannot be updated.\n","error":"InvalidParameterException","message":"user.sub: Attribute cannot be updated.\n","success":false}
    {"attributes":{"custom:none":"x"}}: 400 Bad Request {"detail":"Attributes did not conform to the schema: custom:none: Attribute does not exist in the schema.\n","error":"InvalidParameterException","message":"Attributes did not conform to the schema: custom:none: Attribute does not exist in the schema.\n","success":false}
    {"attributes":[],"email":1}: 422 Unprocessable Entity {"detail":[{"input":"**********","loc":["body","email"],"msg":"Input should be a valid string","type":"string_type","url":"https://errors.pydantic.dev/2.5/v/string_type"},{"input":"**********","loc":["body","attributes"],"msg":"Input should be a valid dictionary","type":"dict_type","url":"https://errors.pydantic.dev/2.5/v/dict_type"}]}
    {"attributes":{"locale":"en","name":1,"zoneinfo":null}}: 422 Unprocessable Entity {"detail":[{"input":"**********","loc":["body","attributes","name"],"msg":"Input should be a valid string","type":"string_type","url":"https://errors.pydantic.dev/2.5/v/string_type"},{"input":"**********","loc":["body","attributes","zoneinfo"],"msg":"Input should be a valid string","type":"string_type","url":"https://errors.pydantic.dev/2.5/v/string_type"}]}
    no body: 422 Unprocessable Entity {"detail":[{"input":null,"loc":["body"],"msg":"Field required","type":"missing","url":"https://errors.pydantic.dev/2.5/v/missing"}]}
    "#);
}
