//! (S5, D8) An account is made with somebody's address, by a stranger or by an administrator: what
//! its maker set is of no use once the owner of the address comes in.

use super::notices::told;
use super::{DOORS, Face};
use crate::support::{Answer, PASSWORD, TENANT, TestPool, TestServer, config};
use poolkeeper::config::Config;
use poolkeeper::system::operator;
use poolkeeper_pool::entity::{AuthFlow, Contact};
use poolkeeper_pool::ids::GroupName;
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;

/// Whose address it is; the portal's configuration lists it.
const BOSS: &str = "boss@example.com";
const NUMBER: &str = "+14325551212";
const SLY: &str = "sly@example.com";
const SLYS_NUMBER: &str = "+14325559999";
const OWN: &str = "0wn-Password!";

/// A pool in which codes are first factors.
async fn pool(server: &TestServer, mut settings: Value) -> TestPool<'_> {
    let factors = json!(["PASSWORD", "EMAIL_OTP", "SMS_OTP"]);
    settings["Policies"]["SignInPolicy"] = json!({ "AllowedFirstAuthFactors": factors });
    server.pool(settings).await
}

async fn sign_up(pool: &TestPool<'_>, name: &str, attributes: &[(&str, &str)]) {
    let attribute = |(name, value): &(&str, &str)| json!({ "Name": name, "Value": value });
    let attributes: Vec<_> = attributes.iter().map(attribute).collect();
    let body = json!({ "Username": name, "Password": PASSWORD, "UserAttributes": attributes });
    let answer = pool.call("SignUp", body).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    pool.server.clock.advance(Duration::from_secs(1));
}

/// The code of the newest message to this address.
async fn code_to(server: &TestServer, address: &str) -> String {
    let messages = server.engine.outbox(99).await.unwrap();
    let mut own = messages.into_iter().filter(|message| message.to == address);
    own.next().expect("no message").code.unwrap().expose().to_owned()
}

/// Signs in by a code that is sent to the address.
async fn sign_in_by_code(pool: &TestPool<'_>, name: &str, kind: &str, to: &str) -> Answer {
    pool.server.clock.advance(Duration::from_secs(1));
    let wish = json!({ "USERNAME": name, "PREFERRED_CHALLENGE": kind });
    let asked = pool.initiate("USER_AUTH", wish).await;
    assert_eq!(asked.get("/ChallengeName"), kind, "{}", asked.text);
    let mut answer = json!({ "USERNAME": name });
    answer[format!("{kind}_CODE")] = json!(code_to(pool.server, to).await);
    pool.respond(kind, &asked.get("/Session"), answer).await
}

fn is_signed_in(answer: &Answer) -> bool {
    answer.json()["AuthenticationResult"]["AccessToken"].is_string()
}

#[tokio::test]
async fn a_strangers_password_is_gone_when_the_owner_signs_in_by_code() {
    let server = TestServer::start().await;
    let kinds = [
        json!({ "AutoVerifiedAttributes": ["email"] }),
        json!({ "AliasAttributes": ["email", "phone_number"] }),
        json!({ "UsernameAttributes": ["email", "phone_number"] }),
    ];
    for settings in kinds {
        let is_free = settings["UsernameAttributes"].is_null();
        let pool = pool(&server, settings.clone()).await;
        for (factor, to, others) in [
            ("EMAIL_OTP", BOSS, ("phone_number", SLYS_NUMBER)),
            ("SMS_OTP", NUMBER, ("email", SLY)),
        ] {
            let name = if is_free { factor } else { to };
            let contact = if factor == "EMAIL_OTP" { "email" } else { "phone_number" };
            sign_up(&pool, name, &[(contact, to), others]).await;
            let done = sign_in_by_code(&pool, name, factor, to).await;
            assert!(is_signed_in(&done), "{settings} {factor}: {}", done.text);
            let told = pool.sign_in(name, PASSWORD).await.line();
            let wrong = r#"400 NotAuthorizedException "Incorrect username or password.""#;
            assert_eq!(told, wrong, "{settings} {factor}");
            let flag = format!("{contact}_verified");
            assert_eq!(pool.attribute(name, &flag).await.as_deref(), Some("true"));
            assert_eq!(pool.attribute(name, others.0).await, None, "{settings} {factor}");
            // Its owner comes back by a code, and gives the account a password of her own.
            let again = sign_in_by_code(&pool, name, factor, to).await;
            let token = again.get("/AuthenticationResult/AccessToken");
            let own = json!({ "AccessToken": token, "ProposedPassword": OWN });
            assert_eq!(server.cognito().call("ChangePassword", &own).await.status, 200);
            assert!(is_signed_in(&pool.sign_in(name, OWN).await));
        }
    }
}

/// A sign-up without a password is confirmed as it was: there is nothing that its maker set.
#[tokio::test]
async fn a_code_confirms_a_sign_up_that_has_no_password() {
    let server = TestServer::start().await;
    let pool = pool(&server, json!({})).await;
    let email = json!([{ "Name": "email", "Value": BOSS }]);
    let body = json!({ "Username": "boss", "UserAttributes": email });
    assert_eq!(pool.call("SignUp", body).await.status, 200);
    assert!(is_signed_in(&sign_in_by_code(&pool, "boss", "EMAIL_OTP", BOSS).await));
    assert!(is_signed_in(&sign_in_by_code(&pool, "boss", "EMAIL_OTP", BOSS).await));
}

/// An account is confirmed by hand, or by another address: its password stays, so no code may let the
/// owner of an address in that nobody has proven.
#[tokio::test]
async fn no_code_goes_to_an_address_that_nobody_has_proven() {
    let server = TestServer::start().await;
    let pool = pool(&server, json!({ "AutoVerifiedAttributes": ["email"] })).await;
    sign_up(&pool, "by-hand", &[("email", BOSS), ("phone_number", NUMBER)]).await;
    pool.admin("AdminConfirmSignUp", json!({ "Username": "by-hand" })).await;
    sign_up(&pool, "by-code", &[("email", SLY), ("phone_number", NUMBER)]).await;
    let code = code_to(&server, SLY).await;
    let body = json!({ "Username": "by-code", "ConfirmationCode": code });
    assert_eq!(pool.call("ConfirmSignUp", body).await.status, 200);
    let sent = server.engine.outbox(99).await.unwrap().len();
    for (name, wish, offered) in [
        ("by-hand", "EMAIL_OTP", json!(["PASSWORD_SRP", "PASSWORD"])),
        ("by-hand", "SMS_OTP", json!(["PASSWORD_SRP", "PASSWORD"])),
        ("by-code", "SMS_OTP", json!(["PASSWORD_SRP", "PASSWORD", "EMAIL_OTP"])),
    ] {
        let wish = json!({ "USERNAME": name, "PREFERRED_CHALLENGE": wish });
        let asked = pool.initiate("USER_AUTH", wish).await;
        assert_eq!(asked.get("/ChallengeName"), "SELECT_CHALLENGE", "{name}");
        assert_eq!(asked.json()["AvailableChallenges"], offered, "{name}");
    }
    assert_eq!(server.engine.outbox(99).await.unwrap().len(), sent);
    // Who is to do without a password needs an address that is proven.
    let email = json!([{ "Name": "email", "Value": BOSS }]);
    let new = json!({
        "Username": "bare", "UserAttributes": email, "MessageAction": "SUPPRESS",
    });
    let made = pool.admin("AdminCreateUser", new).await;
    assert_eq!(made.get("/User/UserStatus"), "FORCE_CHANGE_PASSWORD");
}

/// The main pool with everything open: sign-up, codes to the address, all faces.
fn open() -> Config {
    let mut config = config(Path::new(""));
    config.portal_api.as_mut().unwrap().registration = true;
    let pool = &mut config.pools[0];
    pool.rules.auto_verified = vec![Contact::Email];
    pool.clients.iter_mut().for_each(|client| client.flows.push(AuthFlow::UserAuth));
    config
}

async fn start() -> TestServer {
    let server = TestServer::with(open()).await;
    server.user("root@example.com", &["admin"]).await;
    let paula = server.user("paula@example.com", &["partner-id-acme"]).await;
    server.join(&paula, "fd-admin").await;
    server
}

async fn portal(server: &TestServer, path: &str, body: Value) -> Answer {
    server.clock.advance(Duration::from_secs(1));
    server.json("POST", &format!("/api/auth/{path}"), &body).await
}

/// What the portal makes of who signs in with this password: as it says at login, and at the gate.
async fn stands(server: &TestServer, password: &str) -> String {
    let login = json!({ "username": BOSS, "password": password });
    let answer = portal(server, "login", login).await;
    if answer.status != 200 {
        return answer.row(&[]);
    }
    if answer.json()["requires_password_change"] == true {
        return "new password".to_owned();
    }
    let token = format!("Bearer {}", answer.get("/access_token"));
    let gate = server.bare("GET", "/api/admin/groups", &[("authorization", &token)]).await;
    format!("{} {}", answer.json()["user"]["is_admin"], gate.status)
}

const ADMINISTRATOR: &str = "true 200 OK";
const NOBODY_SPECIAL: &str = "false 403 Forbidden";
const REFUSED: &str = r#"401 Unauthorized {"detail":"Invalid credentials"}"#;

/// Replaces the password by a code to the mailbox.
async fn reset(server: &TestServer, password: &str) {
    assert_eq!(portal(server, "forgot-password", json!({ "username": BOSS })).await.status, 200);
    let code = code_to(server, BOSS).await;
    let body = json!({ "username": BOSS, "code": code, "new_password": password });
    let answer = portal(server, "reset-password", body).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}

/// Answers the question for a new password at the portal.
async fn replace(server: &TestServer, old: &str, new: &str) {
    let login = json!({ "username": BOSS, "password": old });
    let asked = portal(server, "login", login).await;
    let session = asked.get("/session");
    let body = json!({ "username": BOSS, "session": session, "new_password": new });
    let answer = portal(server, "complete-password-change", body).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}

async fn post(server: &TestServer, path: &str, headers: &[(&str, &str)], body: &Value) -> Answer {
    let headers = [headers, &[("content-type", "application/json")]].concat();
    server.call(&format!("POST {path}"), &headers, body.to_string()).await
}

async fn bearer(server: &TestServer, name: &str, path: &str) -> String {
    let body = json!({ "username": name, "password": PASSWORD });
    let answer = server.json("POST", path, &body).await;
    let of_partner = answer.json()["AccessToken"].as_str().map(str::to_owned);
    format!("Bearer {}", of_partner.unwrap_or_else(|| answer.get("/access_token")))
}

/// A partner's administrator makes a user with the address, and knows the password.
async fn made_by_a_partner(server: &TestServer) {
    let token = bearer(server, "paula@example.com", "/auth").await;
    let headers =
        [("authorization", token.as_str()), ("x-preferred-partner-id", "partner-id-acme")];
    let body = json!({ "email": BOSS, "password": PASSWORD });
    let answer = post(server, "/auth/partners/users", &headers, &body).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    server.clock.advance(Duration::from_secs(1));
}

#[tokio::test]
async fn a_partners_administrator_knows_a_password_for_one_sign_in_at_most() {
    let server = start().await;
    made_by_a_partner(&server).await;
    let group = GroupName::from("tenant-acme");
    server.engine.add_to_group(&operator(), &server.main_pool(), BOSS, &group).await.unwrap();
    let body = json!({ "email": BOSS, "conf_code": code_to(&server, BOSS).await });
    let confirmed = server.json("POST", "/auth/partners/users/confirm", &body).await;
    assert_eq!(confirmed.status, 204, "{}", confirmed.text);
    // Whichever face it is tried at, a new one is asked for.
    for face in DOORS {
        let asked = face.sign_in(&server, BOSS, PASSWORD).await;
        let told = match face {
            Face::Portal => asked.json()["requires_password_change"] == true,
            _ => asked.text.contains("NEW_PASSWORD_REQUIRED"),
        };
        assert!(told, "{face:?}: {}", asked.text);
    }
    // The administrator is the first to give it, and becomes nothing by that.
    replace(&server, PASSWORD, "Pau1as-Password").await;
    assert_eq!(stands(&server, "Pau1as-Password").await, NOBODY_SPECIAL);
    reset(&server, OWN).await;
    assert_eq!(stands(&server, OWN).await, ADMINISTRATOR);
    for password in [PASSWORD, "Pau1as-Password"] {
        assert_eq!(stands(&server, password).await, REFUSED);
    }
}

/// Whoever replaces it, and at whatever face, the user hears of it.
#[tokio::test]
async fn the_owner_hears_that_the_administrators_password_is_replaced() {
    const HEARD: [&str; 1] = ["The password that an administrator gave your account was replaced."];
    for face in DOORS {
        let server = start().await;
        made_by_a_partner(&server).await;
        let group = GroupName::from("tenant-acme");
        server.engine.add_to_group(&operator(), &server.main_pool(), BOSS, &group).await.unwrap();
        let body = json!({ "email": BOSS, "conf_code": code_to(&server, BOSS).await });
        server.json("POST", "/auth/partners/users/confirm", &body).await;
        assert_eq!(told(&server, BOSS).await, [""; 0]);
        let asked = face.sign_in(&server, BOSS, PASSWORD).await;
        let given = match face {
            Face::Cognito => {
                let answer = json!({ "USERNAME": BOSS, "NEW_PASSWORD": OWN });
                let session = asked.get("/Session");
                server.cognito().respond("NEW_PASSWORD_REQUIRED", &session, answer).await
            }
            Face::Partner => {
                let session = asked.get("/Session");
                let body = json!({ "username": BOSS, "session": session, "new_password": OWN });
                server.json("PUT", "/auth/challenge/new-password", &body).await
            }
            Face::Portal => {
                let session = asked.get("/session");
                let body = json!({ "username": BOSS, "session": session, "new_password": OWN });
                portal(&server, "complete-password-change", body).await
            }
            Face::Tenant => {
                let body = json!({
                    "TenantName": TENANT,
                    "ChallengeName": "NEW_PASSWORD_REQUIRED",
                    "Session": asked.get("/cognitoToken/Session"),
                    "Answer": OWN,
                });
                server.json("POST", "/RespondToChallenge", &body).await
            }
        };
        assert_eq!(given.status, 200, "{face:?}: {}", given.text);
        assert_eq!(told(&server, BOSS).await, HEARD, "{face:?}");
    }
    // By a code.
    let server = start().await;
    made_by_a_partner(&server).await;
    let body = json!({ "email": BOSS, "conf_code": code_to(&server, BOSS).await });
    server.json("POST", "/auth/partners/users/confirm", &body).await;
    reset(&server, OWN).await;
    assert_eq!(told(&server, BOSS).await, HEARD);
    // The address is not proven where the sign-up was confirmed by hand.
    let server = start().await;
    made_by_a_partner(&server).await;
    server.engine.admin_confirm_sign_up(&operator(), &server.main_pool(), BOSS).await.unwrap();
    replace(&server, PASSWORD, OWN).await;
    assert_eq!(told(&server, BOSS).await, HEARD);
    // What an operator sets in its place is no word of the user's either.
    let server = start().await;
    made_by_a_partner(&server).await;
    server.give_password(BOSS, OWN, true).await;
    assert_eq!(told(&server, BOSS).await, HEARD);
}

/// The owner has no need of the administrator's password, nor to wait until it is replaced.
#[tokio::test]
async fn the_owner_of_a_proven_address_resets_what_an_administrator_chose() {
    let server = start().await;
    made_by_a_partner(&server).await;
    let body = json!({ "email": BOSS, "conf_code": code_to(&server, BOSS).await });
    server.json("POST", "/auth/partners/users/confirm", &body).await;
    // Even after it has aged.
    server.clock.advance(Duration::from_hours(24 * 8));
    reset(&server, OWN).await;
    assert_eq!(stands(&server, OWN).await, ADMINISTRATOR);
    assert_eq!(stands(&server, PASSWORD).await, REFUSED);
}

/// Confirmed by hand, it is the same.
#[tokio::test]
async fn a_partners_user_confirmed_by_hand_replaces_the_password_too() {
    let server = start().await;
    made_by_a_partner(&server).await;
    server.engine.admin_confirm_sign_up(&operator(), &server.main_pool(), BOSS).await.unwrap();
    assert_eq!(stands(&server, PASSWORD).await, "new password");
}

/// Who registers a listed address first is no administrator by the code that its owner typed.
#[tokio::test]
async fn a_stranger_registers_the_address_of_an_administrator() {
    let server = start().await;
    let body = json!({ "email": BOSS, "password": PASSWORD, "name": "Sly" });
    assert_eq!(portal(&server, "register", body).await.status, 201);
    server.clock.advance(Duration::from_secs(1));
    let code = code_to(&server, BOSS).await;
    let body = json!({ "email": BOSS, "code": code });
    assert_eq!(portal(&server, "verify", body).await.status, 200);
    assert_eq!(stands(&server, PASSWORD).await, NOBODY_SPECIAL);
    let login = json!({ "username": BOSS, "password": PASSWORD });
    let strangers = portal(&server, "login", login).await;
    // Nor by a new password of the same maker.
    let token = format!("Bearer {}", strangers.get("/access_token"));
    let change = json!({ "current_password": PASSWORD, "new_password": "S1ys-Password" });
    let headers = [("authorization", token.as_str())];
    let changed = post(&server, "/api/auth/change-password", &headers, &change).await;
    assert_eq!(changed.status, 200, "{}", changed.text);
    assert_eq!(stands(&server, "S1ys-Password").await, NOBODY_SPECIAL);
    // The owner takes the account, and all of the stranger's sign-ins end.
    reset(&server, OWN).await;
    assert_eq!(stands(&server, OWN).await, ADMINISTRATOR);
    let gate = server.bare("GET", "/api/admin/groups", &headers).await;
    assert_eq!(gate.status, 401);
    let body = json!({ "refresh_token": strangers.get("/refresh_token") });
    assert_eq!(portal(&server, "refresh-token", body).await.status, 401);
}

/// Who has both the session of the sign-up and its code is the one who chose the password.
#[tokio::test]
async fn who_signs_up_and_reads_the_code_is_one() {
    let server = start().await;
    let new = json!({ "ClientId": "portal", "Username": BOSS, "Password": PASSWORD });
    let session = server.cognito().call("SignUp", &new).await.get("/Session");
    server.clock.advance(Duration::from_secs(1));
    let code = code_to(&server, BOSS).await;
    let body = json!({
        "ClientId": "portal", "Username": BOSS, "ConfirmationCode": code, "Session": session,
    });
    assert_eq!(server.cognito().call("ConfirmSignUp", &body).await.status, 200);
    assert_eq!(stands(&server, PASSWORD).await, ADMINISTRATOR);
    // What an administrator sets later is known to two.
    server.give_password(BOSS, OWN, true).await;
    assert_eq!(stands(&server, OWN).await, NOBODY_SPECIAL);
}

/// Whoever vouches for the address, a password that somebody else chose makes no administrator; one
/// that only the mailbox has seen does.
#[tokio::test]
async fn administrators_make_a_user_with_the_address_of_another() {
    for is_chosen in [true, false] {
        let server = start().await;
        let attributes = json!([{ "Name": "email_verified", "Value": "true" }]);
        let mut new = json!({
            "UserPoolId": server.main_pool().as_str(),
            "Username": BOSS,
            "UserAttributes": attributes,
        });
        if is_chosen {
            new["TemporaryPassword"] = json!(PASSWORD);
        }
        let made = server.cognito().admin("AdminCreateUser", &new).await;
        assert_eq!(made.status, 200, "{}", made.text);
        let temporary = code_to(&server, BOSS).await;
        assert_eq!(stands(&server, &temporary).await, "new password");
        replace(&server, &temporary, OWN).await;
        let expected = if is_chosen { NOBODY_SPECIAL } else { ADMINISTRATOR };
        assert_eq!(stands(&server, OWN).await, expected);
    }
    let server = start().await;
    let token = bearer(&server, "root@example.com", "/api/auth/login").await;
    let headers = [("authorization", token.as_str())];
    let new = json!({ "username": BOSS, "email": BOSS, "temporary_password": PASSWORD });
    let made = post(&server, "/api/admin/users", &headers, &new).await;
    assert_eq!(made.status, 200, "{}", made.text);
    assert_eq!(stands(&server, PASSWORD).await, "new password");
    replace(&server, PASSWORD, OWN).await;
    assert_eq!(stands(&server, OWN).await, NOBODY_SPECIAL);
    reset(&server, "0wn-Passw0rd-2").await;
    assert_eq!(stands(&server, "0wn-Passw0rd-2").await, ADMINISTRATOR);
}
