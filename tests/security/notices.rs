//! Whoever changes how a user signs in, the user hears of it at the address that was proven before.

use super::tenant_login;
use crate::support::{
    Answer, PASSWORD, TENANT_GROUP, TestDevice, TestPool, TestServer, Tokens, config, tracking,
};
use insta::assert_snapshot;
use poolkeeper::system::operator;
use poolkeeper_pool::entity::{MessagePurpose, Template, User};
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;

pub(super) const NEW: &str = "N3w-password!";
const NUMBER: &str = "+14325551212";
const SECOND: Duration = Duration::from_secs(1);

/// The notices that went to an address, oldest first: the first sentence of each.
pub(super) async fn told(server: &TestServer, to: &str) -> Vec<String> {
    let mut messages = server.engine.outbox(1000).await.unwrap();
    messages.reverse();
    let notices =
        messages.into_iter().filter(|entry| entry.purpose == MessagePurpose::AccountChanged);
    let there = notices.filter(|entry| entry.to == to);
    there
        .map(|entry| {
            assert!(entry.code.is_none());
            let body = entry.body.expose();
            let end = body.find(" Your username ").or_else(|| body.find(" Not you?"));
            body[..end.unwrap()].to_owned()
        })
        .collect()
}

/// Users, each with an address of the same name, and what they heard.
pub(super) struct Heard<'a> {
    pool: &'a TestPool<'a>,
    lines: Vec<String>,
}

impl<'a> Heard<'a> {
    pub(super) fn new(pool: &'a TestPool<'a>) -> Self {
        Self { pool, lines: Vec::new() }
    }

    /// A user with a proven address and these attributes, and tokens of the user.
    pub(super) async fn user(&self, name: &str, more: &[(&str, &str)]) -> String {
        let address = format!("{name}@example.com");
        let own = [("email", address.as_str()), ("email_verified", "true")];
        let all: Vec<_> = own.into_iter().chain(more.iter().copied()).collect();
        self.pool.user(name, &all).await;
        self.pool.server.clock.advance(SECOND);
        self.pool.tokens(name).await.access
    }

    pub(super) async fn call(&self, operation: &str, token: &str, mut body: Value) -> Answer {
        body["AccessToken"] = json!(token);
        let answer = self.pool.server.cognito().call(operation, &body).await;
        assert_eq!(answer.status, 200, "{operation}: {}", answer.text);
        self.pool.server.clock.advance(SECOND);
        answer
    }

    pub(super) async fn admin(&self, operation: &str, name: &str, mut body: Value) {
        body["Username"] = json!(name);
        let answer = self.pool.admin(operation, body).await;
        assert_eq!(answer.status, 200, "{operation}: {}", answer.text);
        self.pool.server.clock.advance(SECOND);
    }

    /// Sets up an authenticator app.
    pub(super) async fn app(&self, token: &str) {
        let key = self.call("AssociateSoftwareToken", token, json!({})).await.get("/SecretCode");
        let code = self.pool.server.totp(&key);
        self.call("VerifySoftwareToken", token, json!({ "UserCode": code })).await;
    }

    async fn note(&mut self, case: &str) {
        let name = case.split(' ').next().unwrap();
        let told = told(self.pool.server, &format!("{name}@example.com")).await;
        self.lines.push(format!("{case}: {}", told.join(" | ")));
    }
}

pub(super) fn attribute(name: &str, value: &str) -> Value {
    json!({ "UserAttributes": [{ "Name": name, "Value": value }] })
}

/// (S6, B10)
#[tokio::test]
async fn the_old_address_hears_of_every_change_of_ones_own() {
    let server = TestServer::start().await;
    let pool = server
        .pool(json!({
            "MfaConfiguration": "OPTIONAL",
            "AutoVerifiedAttributes": ["email"],
            "SmsConfiguration": { "SnsCallerArn": "arn:aws:iam::123456789012:role/sms" },
        }))
        .await;
    let mut heard = Heard::new(&pool);

    let token = heard.user("password", &[]).await;
    let change = json!({ "PreviousPassword": PASSWORD, "ProposedPassword": NEW });
    heard.call("ChangePassword", &token, change).await;
    heard.note("password changed").await;

    heard.user("reset", &[]).await;
    pool.call("ForgotPassword", json!({ "Username": "reset" })).await;
    let code = server.newest_code().await.0;
    let confirm = json!({ "Username": "reset", "ConfirmationCode": code, "Password": NEW });
    assert_eq!(pool.call("ConfirmForgotPassword", confirm).await.status, 200);
    heard.note("reset by a code").await;

    let token = heard.user("moved", &[]).await;
    heard.call("UpdateUserAttributes", &token, attribute("email", "thief@example.com")).await;
    heard.note("moved address").await;
    assert!(told(&server, "thief@example.com").await.is_empty());

    let token = heard.user("number", &[]).await;
    heard.call("UpdateUserAttributes", &token, attribute("phone_number", NUMBER)).await;
    heard.call("UpdateUserAttributes", &token, attribute("phone_number", "+14325550000")).await;
    let names = json!({ "UserAttributeNames": ["phone_number"] });
    heard.call("DeleteUserAttributes", &token, names).await;
    heard.note("number added, changed, removed").await;

    let token = heard.user("app", &[]).await;
    heard.app(&token).await;
    server.clock.advance(Duration::from_secs(30));
    heard.app(&token).await;
    heard.note("app set up, replaced").await;

    let token = heard.user("factor", &[]).await;
    let email = |on: bool| json!({ "EmailMfaSettings": { "Enabled": on, "PreferredMfa": on } });
    heard.call("SetUserMFAPreference", &token, email(true)).await;
    heard.call("SetUserMFAPreference", &token, email(false)).await;
    heard.note("factor on, off").await;

    let token = heard.user("settings", &[("phone_number", NUMBER)]).await;
    let sms = json!({
        "MFAOptions": [{ "DeliveryMedium": "SMS", "AttributeName": "phone_number" }],
    });
    heard.call("SetUserSettings", &token, sms).await;
    heard.note("settings").await;

    let token = heard.user("name", &[]).await;
    heard.call("UpdateUserAttributes", &token, attribute("name", "Ann")).await;
    heard.call("GlobalSignOut", &token, json!({})).await;
    heard.note("name and sign-out").await;

    assert_snapshot!(heard.lines.join("\n"), @r"
    password changed: Your password was changed.
    reset by a code: Your password was changed.
    moved address: Your email address was changed.
    number added, changed, removed: A phone number was added. | Your phone number was changed. | Your phone number was removed.
    app set up, replaced: An authenticator app was set up. | Your authenticator app was replaced.
    factor on, off: Your second factors were changed. | Your second factors were changed.
    settings: Your second factors were changed.
    name and sign-out: 
    ");
}

/// (S6)
#[tokio::test]
async fn and_of_those_that_administrators_make() {
    let server = TestServer::start().await;
    let pool = server.pool(json!({ "MfaConfiguration": "OPTIONAL" })).await;
    let mut heard = Heard::new(&pool);

    heard.user("password", &[]).await;
    let password = json!({ "Password": NEW, "Permanent": true });
    heard.admin("AdminSetUserPassword", "password", password).await;
    let password = json!({ "Password": PASSWORD, "Permanent": false });
    heard.admin("AdminSetUserPassword", "password", password).await;
    heard.note("password set for good, temporarily").await;

    heard.user("moved", &[]).await;
    heard.admin("AdminUpdateUserAttributes", "moved", attribute("email", "new@example.com")).await;
    heard.note("moved").await;

    heard.user("flag", &[]).await;
    heard.admin("AdminUpdateUserAttributes", "flag", attribute("email_verified", "false")).await;
    heard.note("flag taken").await;

    heard.user("removed", &[]).await;
    let names = json!({ "UserAttributeNames": ["email"] });
    heard.admin("AdminDeleteUserAttributes", "removed", names).await;
    heard.note("removed").await;

    let token = heard.user("app", &[]).await;
    heard.app(&token).await;
    let on = json!({ "SoftwareTokenMfaSettings": { "Enabled": true, "PreferredMfa": true } });
    heard.admin("AdminSetUserMFAPreference", "app", on).await;
    heard.admin("AdminDeleteSoftwareToken", "app", json!({})).await;
    heard.note("app set up, asked for, deleted").await;

    heard.user("disabled", &[]).await;
    heard.admin("AdminDisableUser", "disabled", json!({})).await;
    heard.admin("AdminEnableUser", "disabled", json!({})).await;
    heard.admin("AdminUserGlobalSignOut", "disabled", json!({})).await;
    heard.note("disabled and enabled").await;

    assert_snapshot!(heard.lines.join("\n"), @r"
    password set for good, temporarily: Your password was changed. | Your password was changed.
    moved: Your email address was changed.
    flag taken: Your email address does not count as verified any more.
    removed: Your email address was removed.
    app set up, asked for, deleted: An authenticator app was set up. | Your second factors were changed. | Your authenticator app was removed.
    disabled and enabled: 
    ");
}

/// The new address counts once it is proven; the old one hears of it then. (D11)
#[tokio::test]
async fn a_proven_new_address_is_told_to_the_old_one() {
    let server = TestServer::start().await;
    let held = "AttributesRequireVerificationBeforeUpdate";
    let pool = server
        .pool(json!({
            "AutoVerifiedAttributes": ["email"],
            "UserAttributeUpdateSettings": { held: ["email"] },
        }))
        .await;
    let heard = Heard::new(&pool);
    let token = heard.user("ann", &[]).await;
    heard.call("UpdateUserAttributes", &token, attribute("email", "new@example.com")).await;
    assert_eq!(told(&server, "ann@example.com").await, [""; 0]);
    let code = server.newest_code().await.0;
    let proof = json!({ "AttributeName": "email", "Code": code });
    heard.call("VerifyUserAttribute", &token, proof).await;
    assert_eq!(told(&server, "ann@example.com").await, ["Your email address was changed."]);
    assert_eq!(told(&server, "new@example.com").await, [""; 0]);
}

#[tokio::test]
async fn remembered_devices_are_told() {
    let server = TestServer::start().await;
    for (on_prompt, name) in [(false, "always"), (true, "asked")] {
        let pool = server.pool(tracking(true, on_prompt)).await;
        let address = format!("{name}@example.com");
        pool.user(name, &[("email", &address), ("email_verified", "true")]).await;
        let signed_in = pool.sign_in(name, PASSWORD).await;
        let (tokens, device) = (Tokens::of(&signed_in), TestDevice::of(&signed_in));
        pool.confirm_device(&tokens, &device).await;
        if on_prompt {
            assert_eq!(told(&server, &address).await, [""; 0]);
            let body = json!({
                "AccessToken": tokens.access,
                "DeviceKey": device.key,
                "DeviceRememberedStatus": "remembered",
            });
            for _ in 0..2 {
                server.cognito().call("UpdateDeviceStatus", &body).await;
            }
        }
        let expected = ["A device was remembered for your sign-ins."];
        assert_eq!(told(&server, &address).await, expected, "{name}");
    }
}

pub(super) async fn proven(server: &TestServer, user: &User) {
    server.edit(user, |user| user.attributes.set("email_verified", "true")).await;
    server.clock.advance(SECOND);
}

pub(super) async fn bearer(server: &TestServer, line: &str, token: &str, body: &Value) -> Answer {
    let token = format!("Bearer {token}");
    let headers = [("authorization", token.as_str()), ("content-type", "application/json")];
    let answer = server.call(line, &headers, body.to_string()).await;
    assert!(answer.status.is_success(), "{line}: {}", answer.text);
    server.clock.advance(SECOND);
    answer
}

/// (S6)
#[tokio::test]
async fn through_the_sign_in_apis_too() {
    let server = TestServer::start().await;
    let mut lines = Vec::new();
    let mut note = async |case: &str, to: &str| {
        lines.push(format!("{case}: {}", told(&server, to).await.join(" | ")));
    };
    let user = async |name: &str| {
        let address = format!("{name}@example.com");
        proven(&server, &server.user(&address, &["fd42", TENANT_GROUP]).await).await;
        address
    };
    let partner = async |address: &str| {
        let body = json!({ "username": address, "password": PASSWORD });
        server.json("POST", "/auth", &body).await.get("/AccessToken")
    };

    let ann = user("ann").await;
    let token = partner(&ann).await;
    let path = "/auth/mfa/configure/totp";
    let key = bearer(&server, &format!("GET {path}"), &token, &Value::Null).await.get("/qr_secret");
    let code = json!({ "mfa_token": server.totp(&key) });
    bearer(&server, &format!("PUT {path}"), &token, &code).await;
    bearer(&server, "PUT /auth/mfa/settings", &token, &json!({ "enabled": false })).await;
    note("partner factors", &ann).await;

    let bob = user("bob").await;
    server.json("POST", "/auth/forgot_password", &json!({ "username": bob })).await;
    let code = server.newest_code().await.0;
    let body = json!({ "username": bob, "conf_code": code, "password": NEW });
    server.json("POST", "/auth/forgot_password/confirm", &body).await;
    note("partner reset", &bob).await;

    let dan = "dan@example.com";
    server.totp_user(dan, &["fd42", TENANT_GROUP]).await;
    proven(&server, &server.found(dan).await).await;
    let body = json!({ "username": dan, "password": PASSWORD });
    let asked = server.json("POST", "/auth", &body).await;
    let body = json!({
        "username": dan,
        "challenge": "SOFTWARE_TOKEN_MFA",
        "session": asked.get("/Session"),
        "mfa_token": server.totp_code(),
        "remember_device": true,
    });
    server.json("PUT", "/auth/challenge/mfa-token", &body).await.get("/DeviceKey");
    note("partner device", dan).await;

    let eve = user("eve").await;
    let login = json!({ "username": eve, "password": PASSWORD });
    let token = server.json("POST", "/api/auth/login", &login).await.get("/access_token");
    let body = json!({ "current_password": PASSWORD, "new_password": NEW });
    bearer(&server, "POST /api/auth/change-password", &token, &body).await;
    note("portal password", &eve).await;

    let fay = user("fay").await;
    server.json("POST", "/api/auth/forgot-password", &json!({ "username": fay })).await;
    let code = server.newest_code().await.0;
    let body = json!({ "username": fay, "code": code, "new_password": NEW });
    server.json("POST", "/api/auth/reset-password", &body).await;
    note("portal reset", &fay).await;

    let gus = user("gus").await;
    let boss = server.user("boss@example.com", &["admin"]).await;
    proven(&server, &boss).await;
    let login = json!({ "username": "boss@example.com", "password": PASSWORD });
    let token = server.json("POST", "/api/auth/login", &login).await.get("/access_token");
    let body = json!({ "email": "new@example.com" });
    bearer(&server, &format!("PUT /api/admin/users/{gus}"), &token, &body).await;
    note("portal administrator", &gus).await;

    // A password that takes a temporary one's place is no news.
    let hal = "hal@example.com";
    proven(&server, &server.new_user(hal, &[TENANT_GROUP]).await).await;
    let asked = server.json("POST", "/Login", &tenant_login(hal, PASSWORD)).await;
    assert_eq!(asked.status, 200, "{}", asked.text);
    note("tenant, signed in", hal).await;

    assert_snapshot!(lines.join("\n"), @r"
    partner factors: An authenticator app was set up. | Your second factors were changed.
    partner reset: Your password was changed.
    partner device: A device was remembered for your sign-ins.
    portal password: Your password was changed.
    portal reset: Your password was changed.
    portal administrator: Your email address was changed.
    tenant, signed in: 
    ");
}

#[tokio::test]
async fn only_proven_addresses_and_a_mailbox_first() {
    let server = TestServer::start().await;
    let pool = server.pool(json!({})).await;
    let mail = ("email", "ann@example.com");
    let phone = ("phone_number", NUMBER);
    let cases: [(&str, &[(&str, &str)]); 4] = [
        ("none", &[mail, phone]),
        ("phone", &[mail, phone, ("phone_number_verified", "true")]),
        ("mail", &[mail, phone, ("email_verified", "true"), ("phone_number_verified", "true")]),
        ("nothing", &[]),
    ];
    let mut lines = Vec::new();
    for (name, attributes) in cases {
        pool.user(name, attributes).await;
        server.clock.advance(SECOND);
        let password = json!({ "Username": name, "Password": NEW, "Permanent": true });
        pool.admin("AdminSetUserPassword", password).await;
        let sent = server.engine.outbox(100).await.unwrap();
        let own = sent.iter().filter(|entry| entry.username.as_ref().unwrap().as_str() == name);
        let shown: Vec<_> = own
            .map(|entry| {
                let Value::String(channel) = json!(entry.channel) else { unreachable!() };
                format!("{channel} {} [{}] {}", entry.to, entry.subject, entry.body.expose())
            })
            .collect();
        lines.push(format!("{name}: {}", shown.join("; ")));
    }
    assert_snapshot!(lines.join("\n"), @r#"
    none: 
    phone: sms +14325551212 [Your account was changed] Your password was changed. Not you? Set a new password with "Forgot password": that ends all sign-ins.
    mail: email ann@example.com [Your account was changed] Your password was changed. Your username is mail.

    If you did this, there is nothing more to do. If you did not, set a new password at once with "Forgot password" where you sign in: that ends all sign-ins, also that of whoever did this. If you receive no code there, ask your administrator to end them.
    nothing: 
    "#);
}

#[tokio::test]
async fn a_pool_can_say_it_otherwise_or_not_at_all() {
    let mut config = config(Path::new(""));
    config.pools[0].rules.templates.notice = Template {
        subject: Some("Look, {username}".to_owned()),
        email: Some("{username}: {change} Your username is known.".to_owned()),
        sms: None,
    };
    config.pools[1].rules.without_notices = true;
    let server = TestServer::with(config).await;
    let ann = server.user("ann@example.com", &[]).await;
    let bob = server.stranger("bob@example.com").await;
    for user in [&ann, &bob] {
        proven(&server, user).await;
        let name = user.sub.as_str();
        server.engine.set_password(&operator(), &user.pool, name, &NEW.into(), true).await.unwrap();
    }
    let sent = server.engine.outbox(9).await.unwrap();
    let shown: Vec<_> =
        sent.iter().map(|entry| format!("{}: {}", entry.subject, entry.body.expose())).collect();
    let said = "ann@example.com: Your password was changed. Your username is known.";
    assert_eq!(shown, [format!("Look, ann@example.com: {said}")]);
}
