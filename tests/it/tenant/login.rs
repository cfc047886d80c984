use super::{ALICE, configured, login, signed_in};
use crate::support::{PASSWORD, TENANT, TENANT_GROUP, TestServer, claims};
use insta::assert_snapshot;
use poolkeeper::system::operator;
use poolkeeper_pool::entity::UserStatus;
use serde_json::json;
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

#[tokio::test]
async fn of_a_person() {
    let server = TestServer::start().await;
    let user = server.user(ALICE, &[TENANT_GROUP]).await;
    let answer = login(&server, ALICE, TENANT, PASSWORD).await;
    let shown = answer.show_with(&["content-type", "cache-control", "access-control-allow-origin"]);
    assert_snapshot!(shown.replace(user.sub.as_str(), "[sub]"), @r#"
    200 OK
    content-type: application/json
    cache-control: no-store
    access-control-allow-origin: -
    {
      "cognitoToken": {
        "AuthenticationResult": {
          "AccessToken": "[jwt]",
          "ExpiresIn": 3600,
          "IdToken": "[jwt]",
          "RefreshToken": "[refresh token]",
          "TokenType": "Bearer"
        },
        "ChallengeParameters": {}
      },
      "user": {
        "OloID": "[sub]",
        "TenantID": "id-of-acme",
        "TenantName": "Acme"
      }
    }
    "#);
    assert!(answer.header("x-request-id").is_some());
}

#[tokio::test]
async fn of_a_machine() {
    let server = TestServer::start().await;
    let machine = server.machine("turnstile@acme.example.com", &[TENANT_GROUP]).await;
    let answer = login(&server, "turnstile@acme.example.com", TENANT, PASSWORD).await;
    assert_eq!(answer.show(), signed_in(&machine));
    let claims = claims(&answer.get("/cognitoToken/AuthenticationResult/AccessToken"));
    assert_eq!(
        (&claims["sub"], &claims["cognito:groups"]),
        (&json!(machine.sub.as_str()), &json!([TENANT_GROUP]))
    );
}

#[tokio::test]
async fn the_path_in_any_case_and_the_tenants_name_too() {
    let server = TestServer::start().await;
    server.user(ALICE, &[TENANT_GROUP]).await;
    let body = json!({ "UserName": ALICE, "TenantName": TENANT, "Password": PASSWORD });
    for path in ["/Login", "/login", "/LOGIN", "/lOgIn/", "/Login?x=1"] {
        assert_eq!(server.json("POST", path, &body).await.status, 200, "{path}");
    }
    for tenant in ["acme", " ACME ", "AcMe\t"] {
        let answer = login(&server, ALICE, tenant, PASSWORD).await;
        assert_eq!(answer.get("/user/TenantName"), TENANT, "{tenant}");
    }
}

#[tokio::test]
async fn spaces_around_the_user_s_name_do_not_count() {
    let server = TestServer::start().await;
    let alice = server.user(ALICE, &[TENANT_GROUP]).await;
    let machine = server.machine("turnstile@acme.example.com", &[TENANT_GROUP]).await;
    for (name, user) in [(ALICE, alice), ("turnstile@acme.example.com", machine)] {
        for name in [format!(" {name}"), format!("{name}\r\n"), format!("\t{name} ")] {
            let answer = login(&server, &name, TENANT, PASSWORD).await;
            assert_eq!(answer.show(), signed_in(&user), "{name:?}");
        }
    }
    // Those around the password do.
    let spaced = format!("{PASSWORD} ");
    assert_eq!(login(&server, ALICE, TENANT, &spaced).await.status, 401);
}

/// `curl -d` says that JSON is a form.
#[tokio::test]
async fn json_under_any_content_type() {
    let server = TestServer::start().await;
    let user = server.user(ALICE, &[TENANT_GROUP]).await;
    let body = json!({ "UserName": ALICE, "TenantName": TENANT, "Password": PASSWORD });
    let body = body.to_string();
    for kind in ["application/x-www-form-urlencoded", "text/plain;charset=UTF-8", "text/json", "x"]
    {
        let headers = [("content-type", kind)];
        let answer = server.call("POST /Login", &headers, body.clone()).await;
        assert_eq!(answer.show(), signed_in(&user), "{kind}");
    }
    let answer = server.call("POST /Login", &[], body).await;
    assert_eq!(answer.show(), signed_in(&user));
    // At every endpoint.
    let get = |name: &str| answer.get(&format!("/cognitoToken/AuthenticationResult/{name}"));
    let authorization = get("AccessToken");
    let refresh = json!({ "TenantName": TENANT, "RefreshToken": get("RefreshToken") }).to_string();
    let headers =
        [("content-type", "application/x-www-form-urlencoded"), ("authorization", &authorization)];
    let mut rows = Vec::new();
    for (path, body) in [
        ("/RefreshToken", refresh.as_str()),
        (
            "/RespondToChallenge",
            r#"{"TenantName":"Acme","ChallengeName":"EMAIL_OTP","Session":"x","Answer":"1"}"#,
        ),
        ("/Credentials", "{}"),
        ("/Logout", &refresh),
        ("/RefreshToken", &refresh),
    ] {
        let answer = server.call(&format!("POST {path}"), &headers, body.to_owned()).await;
        let told = if answer.status == 200 { "200 OK".to_owned() } else { answer.row(&[]) };
        rows.push(format!("{path}: {told}"));
    }
    assert_snapshot!(rows.join("\n"), @r#"
    /RefreshToken: 200 OK
    /RespondToChallenge: 401 Unauthorized {"error":"NotAuthorizedException","message":"Invalid session"}
    /Credentials: 403 Forbidden {"error":"Forbidden","message":"Only administrators of the tenant may do this"}
    /Logout: 204 No Content 
    /RefreshToken: 401 Unauthorized {"error":"NotAuthorizedException","message":"Invalid refresh token"}
    "#);
}

/// Not from a web page: a browser sends these types to other origins without asking them.
#[tokio::test]
async fn a_page_must_declare_json() {
    let server = configured(|api| api.cors_origins = vec!["https://app.example.com".into()]).await;
    let user = server.user(ALICE, &[TENANT_GROUP]).await;
    let body = json!({ "UserName": ALICE, "TenantName": TENANT, "Password": PASSWORD });
    let mut rows = Vec::new();
    for origin in ["https://app.example.com", "https://evil.example.com", "null"] {
        let call = async |kind| {
            let headers = [("content-type", kind), ("origin", origin)];
            server.call("POST /Login", &headers, body.to_string()).await
        };
        rows.push(format!("{origin}: {}", call("text/plain").await.row(&[])));
        assert_eq!(call("application/json").await.show(), signed_in(&user), "{origin}");
    }
    assert_snapshot!(rows.join("\n"), @r#"
    https://app.example.com: 400 Bad Request {"error":"BadRequest","message":"The request body must be a JSON object: web pages must send it as application/json"}
    https://evil.example.com: 400 Bad Request {"error":"BadRequest","message":"The request body must be a JSON object: web pages must send it as application/json"}
    null: 400 Bad Request {"error":"BadRequest","message":"The request body must be a JSON object: web pages must send it as application/json"}
    "#);
}

#[tokio::test]
async fn under_a_prefix() {
    let server = configured(|api| api.prefix = "/devices".to_owned()).await;
    let mut rows = Vec::new();
    for line in [
        "POST /devices/LOGIN",
        "GET /devices/Login",
        "POST /devices/x",
        "POST /DEVICES/Login",
        "POST /Login",
    ] {
        rows.push(format!("{line}: {}", server.call(line, &[], "{}").await.row(&["allow"])));
    }
    assert_snapshot!(rows.join("\n"), @r#"
    POST /devices/LOGIN: 400 Bad Request {"error":"BadRequest","message":"UserName, TenantName and Password are required: UserName is missing, TenantName is missing, Password is missing"}
    GET /devices/Login: 405 Method Not Allowed {"error":"MethodNotAllowed","message":"Method not allowed"} allow: POST
    POST /devices/x: 404 Not Found {"error":"NotFound","message":"Not found"}
    POST /DEVICES/Login: 404 Not Found {"message":"Not Found"}
    POST /Login: 404 Not Found {"message":"Not Found"}
    "#);
}

/// Who the users, the tenants and the passwords are must not show: not in the answer, not in its
/// headers and not in the work.
#[tokio::test]
async fn all_refusals_are_one() {
    let server = TestServer::start().await;
    server.user(ALICE, &[TENANT_GROUP]).await;
    server.user("outsider@example.com", &[]).await;
    server.user("globex@example.com", &["tenant-globex"]).await;
    let disabled = server.user("disabled@example.com", &[TENANT_GROUP]).await;
    server.edit(&disabled, |user| user.enabled = false).await;
    let waiting = server.user("waiting@example.com", &["tenant-globex"]).await;
    server.edit(&waiting, |user| user.status = UserStatus::Unconfirmed).await;
    let bare = server.user("bare@example.com", &[TENANT_GROUP]).await;
    server.edit(&bare, |user| user.password = None).await;
    server.stranger("stranger@example.com").await;
    let mut seen = Vec::new();
    for (case, user, tenant, password) in [
        ("wrong password", ALICE, TENANT, "wrong"),
        ("unknown user", "nobody@example.com", TENANT, PASSWORD),
        ("unknown tenant", ALICE, "Initech", PASSWORD),
        ("unknown user and tenant", "nobody@example.com", "Initech", PASSWORD),
        ("wrong tenant", "globex@example.com", TENANT, PASSWORD),
        ("wrong tenant, unconfirmed", "waiting@example.com", TENANT, PASSWORD),
        ("no tenant", "outsider@example.com", TENANT, PASSWORD),
        ("disabled", "disabled@example.com", TENANT, PASSWORD),
        ("no password", "bare@example.com", TENANT, PASSWORD),
        ("another pool", "stranger@example.com", TENANT, PASSWORD),
    ] {
        let before = server.workers.comparisons.load(SeqCst);
        let answer = login(&server, user, tenant, password).await;
        let work = server.workers.comparisons.load(SeqCst) - before;
        let headers: Vec<_> = answer.headers.keys().map(ToString::to_string).collect();
        seen.push((case, answer.status, answer.text, headers, work));
    }
    let (_, status, text, headers, work) = seen[0].clone();
    assert_snapshot!(format!("{status} {text}\n{headers:?}\ncomparisons: {work}"), @r#"
    401 Unauthorized {"message":"Incorrect username or password","error":"NotAuthorizedException"}
    ["content-type", "content-length", "x-request-id", "x-content-type-options", "cache-control"]
    comparisons: 1
    "#);
    for (case, ..) in &seen {
        let expected = (*case, status, text.clone(), headers.clone(), work);
        assert!(seen.contains(&expected), "{case}: {seen:#?}");
    }
}

#[tokio::test]
async fn states_of_the_right_user() {
    let server = TestServer::start().await;
    for (name, status) in
        [("unconfirmed", UserStatus::Unconfirmed), ("reset", UserStatus::ResetRequired)]
    {
        let user = server.user(&format!("{name}@example.com"), &[TENANT_GROUP]).await;
        server.edit(&user, |user| user.status = status).await;
    }
    let locked = server.user("locked@example.com", &[TENANT_GROUP]).await;
    server.engine.lock(&operator(), &locked).await.unwrap();
    server.new_user("late@example.com", &[TENANT_GROUP]).await;
    server.clock.advance(Duration::from_mins(14));
    let mut rows = Vec::new();
    for name in ["unconfirmed", "reset", "locked", "late"] {
        if name == "late" {
            server.clock.advance(Duration::from_hours(7 * 24));
        }
        let user = format!("{name}@example.com");
        let right = login(&server, &user, TENANT, PASSWORD).await.row(&["retry-after"]);
        let wrong = login(&server, &user, TENANT, "wrong").await.status;
        rows.push(format!("{name}: {right}, wrong password: {wrong}"));
    }
    assert_snapshot!(rows.join("\n"), @r#"
    unconfirmed: 403 Forbidden {"error":"UserNotConfirmed","message":"The user is not confirmed"}, wrong password: 401 Unauthorized
    reset: 403 Forbidden {"error":"PasswordResetRequired","message":"The password must be reset"}, wrong password: 401 Unauthorized
    locked: 401 Unauthorized {"error":"NotAuthorizedException","message":"Incorrect username or password"}, wrong password: 401 Unauthorized
    late: 401 Unauthorized {"error":"NotAuthorizedException","message":"Incorrect username or password"}, wrong password: 401 Unauthorized
    "#);
}

#[tokio::test]
async fn challenges() {
    let server = TestServer::start().await;
    let app = server.totp_user("app@example.com", &[TENANT_GROUP]).await;
    let mail = server.email_mfa_user("mail@example.com", &[TENANT_GROUP]).await;
    let new = server.new_user("new@example.com", &[TENANT_GROUP]).await;
    let mut shown = String::new();
    for (name, user) in [("app", app), ("mail", mail), ("new", new)] {
        let answer = login(&server, &format!("{name}@example.com"), TENANT, PASSWORD).await;
        shown += &answer.show().replace(user.username.as_str(), "[username]");
        shown.push('\n');
    }
    assert_snapshot!(shown, @r#"
    200 OK
    {
      "cognitoToken": {
        "ChallengeName": "SOFTWARE_TOKEN_MFA",
        "ChallengeParameters": {
          "USER_ID_FOR_SRP": "[username]"
        },
        "Session": "[sealed]"
      }
    }
    200 OK
    {
      "cognitoToken": {
        "ChallengeName": "EMAIL_OTP",
        "ChallengeParameters": {
          "CODE_DELIVERY_DELIVERY_MEDIUM": "EMAIL",
          "CODE_DELIVERY_DESTINATION": "m***@e***",
          "USER_ID_FOR_SRP": "[username]"
        },
        "Session": "[sealed]"
      }
    }
    200 OK
    {
      "cognitoToken": {
        "ChallengeName": "NEW_PASSWORD_REQUIRED",
        "ChallengeParameters": {
          "USER_ID_FOR_SRP": "[username]",
          "requiredAttributes": "[]",
          "userAttributes": "{\"email\":\"new@example.com\"}"
        },
        "Session": "[sealed]"
      }
    }
    "#);
}

#[tokio::test]
async fn a_challenge_is_for_members_only() {
    let server = TestServer::start().await;
    server.totp_user(ALICE, &["tenant-globex"]).await;
    server.new_user("new@example.com", &[]).await;
    for user in [ALICE, "new@example.com"] {
        assert_eq!(login(&server, user, TENANT, PASSWORD).await.status, 401, "{user}");
        assert_eq!(login(&server, user, "Initech", PASSWORD).await.status, 401, "{user}");
    }
}

/// Wherever the user is known.
#[tokio::test]
async fn wrong_passwords_of_a_user_s_tenants_count_together() {
    let server = TestServer::start().await;
    server.user(ALICE, &[TENANT_GROUP, "tenant-globex"]).await;
    for tenant in [TENANT, "Globex", TENANT, "Globex", TENANT] {
        assert_eq!(login(&server, ALICE, tenant, "wrong").await.status, 401);
    }
    assert_eq!(login(&server, ALICE, TENANT, PASSWORD).await.status, 401);
    server.clock.advance(Duration::from_secs(1));
    assert_eq!(login(&server, ALICE, TENANT, PASSWORD).await.status, 200);
}

#[tokio::test]
async fn with_flat_copies_of_the_tokens_where_older_clients_look() {
    let server = configured(|api| api.flat_tokens = true).await;
    let user = server.user(ALICE, &[TENANT_GROUP]).await;
    let answer = login(&server, ALICE, TENANT, PASSWORD).await;
    assert_snapshot!(answer.show().replace(user.sub.as_str(), "[sub]"), @r#"
    200 OK
    {
      "cognitoToken": {
        "AccessToken": "[jwt]",
        "AuthenticationResult": {
          "AccessToken": "[jwt]",
          "ExpiresIn": 3600,
          "IdToken": "[jwt]",
          "RefreshToken": "[refresh token]",
          "TokenType": "Bearer"
        },
        "ChallengeParameters": {},
        "ExpiresIn": 3600,
        "IdToken": "[jwt]",
        "RefreshToken": "[refresh token]"
      },
      "user": {
        "OloID": "[sub]",
        "TenantID": "id-of-acme",
        "TenantName": "Acme"
      }
    }
    "#);
    let json = answer.json();
    let token = &json["cognitoToken"];
    for name in ["AccessToken", "ExpiresIn", "IdToken", "RefreshToken"] {
        assert_eq!(token[name], token["AuthenticationResult"][name], "{name}");
    }
}

/// A resource server learns from the token which of a user's tenants the sign-in was made for.
#[tokio::test]
async fn tokens_name_the_tenant() {
    let server = TestServer::start().await;
    server.user(ALICE, &[TENANT_GROUP, "tenant-globex"]).await;
    for (tenant, id) in [(TENANT, "id-of-acme"), ("Globex", "id-of-globex")] {
        for name in ["AccessToken", "IdToken"] {
            let token = super::token(&server, ALICE, tenant, name).await;
            assert_eq!(claims(&token)["tenant_id"], id, "{tenant} {name}");
        }
    }
    let access = server.cognito().tokens(ALICE).await.access;
    assert_eq!(claims(&access)["tenant_id"], json!(null));
}

#[tokio::test]
async fn bodies_that_break_the_rules() {
    let server = TestServer::start().await;
    let mut rows = Vec::new();
    for body in [
        "",
        "{}",
        r#"{"UserName":"","TenantName":"","Password":""}"#,
        r#"{"UserName":"a","TenantName":"b"}"#,
        r#"{"username":"a","tenantname":"b","password":"c"}"#,
        r#"{"UserName":["a"],"TenantName":"b","Password":"c"}"#,
        r#"{"UserName":"a","UserName":"a","TenantName":"b","Password":"c"}"#,
        r#"{"UserName":" ","TenantName":" ","Password":" "}"#,
        "null",
        "[]",
        "{",
        "1",
    ] {
        rows.push(format!("{body}\n  {}", server.text("POST", "/Login", body).await.row(&[])));
    }
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let form = server.call("POST /Login", &form, "UserName=a&TenantName=b&Password=c").await;
    rows.push(format!("a form\n  {}", form.row(&[])));
    let long = json!({ "UserName": "x".repeat(129), "TenantName": "b", "Password": "c" });
    rows.push(format!("a long name\n  {}", server.json("POST", "/Login", &long).await.row(&[])));
    let deep = format!("{{\"a\":{}{}}}", "[".repeat(500), "]".repeat(500));
    rows.push(format!("nested deep\n  {}", server.text("POST", "/Login", &deep).await.row(&[])));
    let latin = server.call("POST /Login", &[], b"{\"UserName\":\"\xfc\"}".to_vec()).await;
    rows.push(format!("Latin-1\n  {}", latin.row(&[])));
    assert_snapshot!(rows.join("\n"), @r#"
      400 Bad Request {"error":"BadRequest","message":"UserName, TenantName and Password are required: the request body is empty"}
    {}
      400 Bad Request {"error":"BadRequest","message":"UserName, TenantName and Password are required: UserName is missing, TenantName is missing, Password is missing"}
    {"UserName":"","TenantName":"","Password":""}
      400 Bad Request {"error":"BadRequest","message":"UserName, TenantName and Password are required: UserName is empty, TenantName is empty, Password is empty"}
    {"UserName":"a","TenantName":"b"}
      400 Bad Request {"error":"BadRequest","message":"UserName, TenantName and Password are required: Password is missing"}
    {"username":"a","tenantname":"b","password":"c"}
      400 Bad Request {"error":"BadRequest","message":"UserName, TenantName and Password are required: UserName is missing, TenantName is missing, Password is missing"}
    {"UserName":["a"],"TenantName":"b","Password":"c"}
      400 Bad Request {"error":"BadRequest","message":"UserName, TenantName and Password are required: UserName has the wrong type"}
    {"UserName":"a","UserName":"a","TenantName":"b","Password":"c"}
      400 Bad Request {"error":"BadRequest","message":"UserName, TenantName and Password are required: UserName comes more than once"}
    {"UserName":" ","TenantName":" ","Password":" "}
      400 Bad Request {"error":"BadRequest","message":"UserName, TenantName and Password are required: UserName is empty, TenantName is empty"}
    null
      400 Bad Request {"error":"BadRequest","message":"The request body must be a JSON object: it is null"}
    []
      400 Bad Request {"error":"BadRequest","message":"The request body must be a JSON object: it is another JSON value"}
    {
      400 Bad Request {"error":"BadRequest","message":"The request body must be a JSON object: it is not valid JSON at character 2 (EOF while parsing an object)"}
    1
      400 Bad Request {"error":"BadRequest","message":"The request body must be a JSON object: it is another JSON value"}
    a form
      400 Bad Request {"error":"BadRequest","message":"The request body must be a JSON object: it is not valid JSON at character 1 (expected value)"}
    a long name
      400 Bad Request {"error":"BadRequest","message":"UserName, TenantName and Password are required: UserName is longer than 128 characters"}
    nested deep
      400 Bad Request {"error":"BadRequest","message":"The request body must be a JSON object: it is nested too deeply"}
    Latin-1
      400 Bad Request {"error":"BadRequest","message":"The request body must be a JSON object: it is not UTF-8"}
    "#);
    assert_eq!(server.workers.comparisons.load(SeqCst), 0);
}

#[tokio::test]
async fn unknown_paths_and_methods() {
    let server = TestServer::start().await;
    let mut rows = Vec::new();
    for line in ["GET /Login", "PUT /login", "OPTIONS /Login", "POST /Login/x", "POST /login//"] {
        let origin = [("origin", "https://example.com"), ("access-control-request-method", "POST")];
        let answer = server.call(line, &origin, "{}").await;
        rows.push(format!("{line}: {}", answer.row(&["allow", "access-control-allow-origin"])));
    }
    assert_snapshot!(rows.join("\n"), @r#"
    GET /Login: 405 Method Not Allowed {"error":"MethodNotAllowed","message":"Method not allowed"} allow: POST
    PUT /login: 405 Method Not Allowed {"error":"MethodNotAllowed","message":"Method not allowed"} allow: POST
    OPTIONS /Login: 405 Method Not Allowed {"error":"MethodNotAllowed","message":"Method not allowed"} allow: POST
    POST /Login/x: 404 Not Found {"error":"NotFound","message":"Not found"}
    POST /login//: 404 Not Found {"error":"NotFound","message":"Not found"}
    "#);
}
