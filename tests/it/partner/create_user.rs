use super::{
    ACME, ALICE, BOB, FD42, access_token, administrator, auth, call_for, grant, grant_for,
    mailed_code,
};
use crate::support::{Answer, PASSWORD, POOL, TestServer};
use insta::assert_snapshot;
use serde_json::{Value, json};

const LINE: &str = "POST /auth/partners/users";
const NEW: &str = "new@example.com";

async fn create(server: &TestServer, token: &str, body: &Value) -> Answer {
    call_for(server, LINE, token, Some(ACME), body).await
}

/// A server with an administrator of Acme's users, and the administrator's token.
async fn start() -> (TestServer, String) {
    let server = TestServer::mailing().await;
    administrator(&server, ALICE, ACME).await;
    let token = access_token(&server, ALICE).await;
    (server, token)
}

async fn groups(server: &TestServer, email: &str) -> Vec<String> {
    let body = json!({ "UserPoolId": POOL, "Username": email });
    let answer = server.cognito().admin("AdminListGroupsForUser", &body).await.json();
    let groups = answer["Groups"].as_array().unwrap();
    groups.iter().map(|group| group["GroupName"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_user_of_the_partner_s() {
    let (server, token) = start().await;
    grant(&server, "webapp-access-group-2", "user.manage").await;
    let body = json!({
        "email": " new@example.com ",
        "password": PASSWORD,
        "first_name": "Ann",
        "last_name": "Example",
        "groups": ["webapp-access-group-2", "webapp-access-group-2"],
        // What a body says of a partner counts for nothing.
        "partner_id": FD42,
        "partner": FD42,
    });
    let answer = create(&server, &token, &body).await;
    assert_snapshot!(answer.show_with(&["content-type", "location"]), @r#"
    201 Created
    content-type: application/json
    location: -
    {
      "email": "new@example.com",
      "partner_id": "partner-id-acme",
      "status": "UNCONFIRMED"
    }
    "#);
    assert_eq!(groups(&server, NEW).await, [ACME, "webapp-access-group-2"]);
    let shown = server
        .cognito()
        .admin("AdminGetUser", &json!({ "UserPoolId": POOL, "Username": NEW }))
        .await
        .json();
    let attributes: Vec<_> = shown["UserAttributes"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|attribute| attribute["Name"] != "sub")
        .map(|attribute| format!("{}={}", attribute["Name"], attribute["Value"]))
        .collect();
    assert_snapshot!(attributes.join(" "), @r#""email"="new@example.com" "email_verified"="false" "family_name"="Example" "given_name"="Ann""#);
    let mail = server.engine.outbox(1).await.unwrap().remove(0);
    assert_eq!((mail.to.as_str(), mailed_code(&server).await.len()), (NEW, 6));
    assert_eq!(auth(&server, NEW).await.get("/error_code"), "USER_NOT_CONFIRMED");
}

#[tokio::test]
async fn little_is_needed() {
    let (server, token) = start().await;
    let body = json!({ "email": NEW, "password": PASSWORD });
    let twice = [create(&server, &token, &body).await, create(&server, &token, &body).await];
    assert_snapshot!(twice.map(|answer| answer.row(&[])).join("\n"), @r#"
    201 Created {"email":"new@example.com","partner_id":"partner-id-acme","status":"UNCONFIRMED"}
    409 Conflict {"error_code":"USER_EXISTS","message":"error.auth.user_exists"}
    "#);
    assert_eq!(groups(&server, NEW).await, [ACME]);
}

#[tokio::test]
async fn what_is_wrong_with_requests() {
    let (server, token) = start().await;
    let mut rows = Vec::new();
    for body in [
        json!({}),
        json!({ "email": " ", "password": "" }),
        json!({ "email": "no address", "password": PASSWORD }),
        json!({ "email": "a@b@c", "password": PASSWORD }),
        json!({ "email": "müller@example.com", "password": PASSWORD }),
        json!({ "email": "x@localhost", "password": PASSWORD, "first_name": "A\u{0}", "last_name": "\n" }),
        json!({ "email": 1, "password": 2, "first_name": 3, "last_name": [], "groups": "x" }),
        json!({ "email": NEW, "password": PASSWORD, "groups": ["webapp-access-group-2", 7] }),
        json!({ "email": NEW, "password": PASSWORD, "first_name": "x".repeat(257) }),
        json!({ "email": NEW, "password": "short" }),
        json!({ "email": NEW, "password": "NoSymbol1" }),
    ] {
        let answer = create(&server, &token, &body).await;
        rows.push(format!(
            "{}\n  {}",
            body.to_string().replace(&"x".repeat(257), "x…"),
            answer.row(&[])
        ));
    }
    assert_snapshot!(rows.join("\n"), @r#"
    {}
      400 Bad Request {"error_code":"VALIDATION_ERROR","message":"error.validation","validation_errors":[{"code":"missing","field":"email"},{"code":"missing","field":"password"}]}
    {"email":" ","password":""}
      400 Bad Request {"error_code":"VALIDATION_ERROR","message":"error.validation","validation_errors":[{"code":"too_short","field":"email"},{"code":"too_short","field":"password"}]}
    {"email":"no address","password":"Passw0rd!"}
      400 Bad Request {"error_code":"VALIDATION_ERROR","message":"error.validation","validation_errors":[{"code":"invalid_value","field":"email"}]}
    {"email":"a@b@c","password":"Passw0rd!"}
      400 Bad Request {"error_code":"VALIDATION_ERROR","message":"error.validation","validation_errors":[{"code":"invalid_value","field":"email"}]}
    {"email":"müller@example.com","password":"Passw0rd!"}
      400 Bad Request {"error_code":"VALIDATION_ERROR","message":"error.validation","validation_errors":[{"code":"invalid_value","field":"email"}]}
    {"email":"x@localhost","first_name":"A\u0000","last_name":"\n","password":"Passw0rd!"}
      400 Bad Request {"error_code":"VALIDATION_ERROR","message":"error.validation","validation_errors":[{"code":"invalid_value","field":"email"},{"code":"invalid_value","field":"first_name"}]}
    {"email":1,"first_name":3,"groups":"x","last_name":[],"password":2}
      400 Bad Request {"error_code":"VALIDATION_ERROR","message":"error.validation","validation_errors":[{"code":"invalid_type","field":"email"},{"code":"invalid_type","field":"password"},{"code":"invalid_type","field":"first_name"},{"code":"invalid_type","field":"last_name"},{"code":"invalid_type","field":"groups"}]}
    {"email":"new@example.com","groups":["webapp-access-group-2",7],"password":"Passw0rd!"}
      400 Bad Request {"error_code":"VALIDATION_ERROR","message":"error.validation","validation_errors":[{"code":"invalid_type","field":"groups"}]}
    {"email":"new@example.com","first_name":"x…","password":"Passw0rd!"}
      400 Bad Request {"error_code":"VALIDATION_ERROR","message":"error.validation","validation_errors":[{"code":"too_long","field":"first_name"}]}
    {"email":"new@example.com","password":"short"}
      400 Bad Request {"error_code":"PASSWORD_POLICY","error_subcode":"TOO_SHORT","message":"error.auth.password_policy"}
    {"email":"new@example.com","password":"NoSymbol1"}
      400 Bad Request {"error_code":"PASSWORD_POLICY","error_subcode":"NO_SYMBOL","message":"error.auth.password_policy"}
    "#);
}

/// No group but access groups, and of those none that carries what the administrator lacks.
#[tokio::test]
async fn groups_that_cannot_be_given() {
    let (server, token) = start().await;
    grant(&server, "webapp-access-group-1", "campaign.edit").await;
    grant_for(&server, "webapp-access-group-2", "user.manage", Some(FD42)).await;
    server.make_group("webapp-access-group-3").await;
    grant(&server, "webapp-access-group-4", "user.manage").await;
    grant(&server, "webapp-access-group-4", "event.read").await;
    let mut rows = Vec::new();
    for group in [
        "fd-admin",
        "back-office-admin",
        "account-disabled",
        "external-user",
        ACME,
        FD42,
        "user-admins",
        "webapp-access-group-",
        "webapp-access-group-x",
        "webapp-access-group-1 ",
        "WEBAPP-ACCESS-GROUP-1",
        "webapp-access-group-1",
        "webapp-access-group-2",
        "webapp-access-group-3",
        "webapp-access-group-4",
        "webapp-access-group-99",
    ] {
        let body = json!({ "email": NEW, "password": PASSWORD, "groups": [group] });
        rows.push(format!("{group}: {}", create(&server, &token, &body).await.row(&[])));
    }
    assert_snapshot!(rows.join("\n"), @r#"
    fd-admin: 400 Bad Request {"error_code":"VALIDATION_ERROR","message":"error.validation","validation_errors":[{"code":"invalid_value","field":"groups"}]}
    back-office-admin: 400 Bad Request {"error_code":"VALIDATION_ERROR","message":"error.validation","validation_errors":[{"code":"invalid_value","field":"groups"}]}
    account-disabled: 400 Bad Request {"error_code":"VALIDATION_ERROR","message":"error.validation","validation_errors":[{"code":"invalid_value","field":"groups"}]}
    external-user: 400 Bad Request {"error_code":"VALIDATION_ERROR","message":"error.validation","validation_errors":[{"code":"invalid_value","field":"groups"}]}
    partner-id-acme: 400 Bad Request {"error_code":"VALIDATION_ERROR","message":"error.validation","validation_errors":[{"code":"invalid_value","field":"groups"}]}
    fd42: 400 Bad Request {"error_code":"VALIDATION_ERROR","message":"error.validation","validation_errors":[{"code":"invalid_value","field":"groups"}]}
    user-admins: 400 Bad Request {"error_code":"VALIDATION_ERROR","message":"error.validation","validation_errors":[{"code":"invalid_value","field":"groups"}]}
    webapp-access-group-: 400 Bad Request {"error_code":"VALIDATION_ERROR","message":"error.validation","validation_errors":[{"code":"invalid_value","field":"groups"}]}
    webapp-access-group-x: 400 Bad Request {"error_code":"VALIDATION_ERROR","message":"error.validation","validation_errors":[{"code":"invalid_value","field":"groups"}]}
    webapp-access-group-1 : 400 Bad Request {"error_code":"VALIDATION_ERROR","message":"error.validation","validation_errors":[{"code":"invalid_value","field":"groups"}]}
    WEBAPP-ACCESS-GROUP-1: 400 Bad Request {"error_code":"VALIDATION_ERROR","message":"error.validation","validation_errors":[{"code":"invalid_value","field":"groups"}]}
    webapp-access-group-1: 403 Forbidden {"error_code":"PERMISSION_DENIED","message":"error.permission.denied"}
    webapp-access-group-2: 403 Forbidden {"error_code":"PERMISSION_DENIED","message":"error.permission.denied"}
    webapp-access-group-3: 403 Forbidden {"error_code":"PERMISSION_DENIED","message":"error.permission.denied"}
    webapp-access-group-4: 403 Forbidden {"error_code":"PERMISSION_DENIED","message":"error.permission.denied"}
    webapp-access-group-99: 403 Forbidden {"error_code":"PERMISSION_DENIED","message":"error.permission.denied"}
    "#);
    let users = json!({ "UserPoolId": POOL, "Filter": "email = \"new@example.com\"" });
    assert_eq!(server.cognito().admin("ListUsers", &users).await.json()["Users"], json!([]));
}

/// Whoever is in an access group may give it, whatever it stands for elsewhere.
#[tokio::test]
async fn groups_of_one_s_own() {
    let server = TestServer::start().await;
    let alice = administrator(&server, ALICE, ACME).await;
    server.join(&alice, "webapp-access-group-3").await;
    let token = access_token(&server, ALICE).await;
    let body = json!({ "email": NEW, "password": PASSWORD, "groups": ["webapp-access-group-3"] });
    assert_eq!(create(&server, &token, &body).await.status, 201);
}

#[tokio::test]
async fn who_may() {
    let server = TestServer::start().await;
    server.user(ALICE, &[ACME]).await;
    let bob = server.user(BOB, &[ACME]).await;
    server.join(&bob, "back-office-admin").await;
    let body = json!({ "email": NEW, "password": PASSWORD });
    let token = access_token(&server, ALICE).await;
    let denied = create(&server, &token, &body).await;
    // Nor is it said what else is wrong.
    let empty = create(&server, &token, &json!({})).await;
    let token = access_token(&server, BOB).await;
    let allowed = create(&server, &token, &body).await;
    assert_snapshot!([denied.row(&[]), empty.row(&[]), allowed.row(&[])].join("\n"), @r#"
    403 Forbidden {"error_code":"PERMISSION_DENIED","message":"error.permission.denied"}
    403 Forbidden {"error_code":"PERMISSION_DENIED","message":"error.permission.denied"}
    201 Created {"email":"new@example.com","partner_id":"partner-id-acme","status":"UNCONFIRMED"}
    "#);
}
