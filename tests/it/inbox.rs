//! The development inbox.

use crate::support::{OTHER_POOL, PASSWORD, POOL, TestServer, config};
use insta::assert_snapshot;
use poolkeeper::system::operator;
use poolkeeper_pool::backend::administration::{Invitation, NewUser};
use poolkeeper_pool::crypto::secret::Secret;
use poolkeeper_pool::entity::Attributes;
use serde_json::json;
use std::path::Path;
use std::time::Duration;

const NAME: &str = "<img/src=x/onerror=alert('1')>";
const ADDRESS: &str = "o'brien&co@example.com";
const PASSWORD_WITH_MARKUP: &str = r#"Aa1!</pre><script>alert("1")</script>"#;

/// Mails a code to a user.
async fn mail(server: &TestServer, username: &str) {
    let body = json!({ "username": username, "password": PASSWORD });
    let answer = server.json("POST", "/auth", &body).await;
    assert_eq!(answer.get("/Challenge"), "EMAIL_OTP");
    server.clock.advance(Duration::from_secs(1));
}

async fn addresses(server: &TestServer, query: &str) -> Vec<String> {
    let answer = server.bare("GET", &format!("/inbox.json{query}"), &[]).await.json();
    let addresses = answer.as_array().unwrap().iter().map(|mail| mail["to"].as_str().unwrap());
    addresses.map(ToOwned::to_owned).collect()
}

#[tokio::test]
async fn empty() {
    let server = TestServer::start().await;
    let page = server.bare("GET", "/inbox", &[]).await;
    let headers = ["content-type", "content-security-policy", "referrer-policy", "cache-control"];
    assert_snapshot!(page.show_with(&headers), @r#"
    200 OK
    content-type: text/html; charset=utf-8
    content-security-policy: default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'
    referrer-policy: no-referrer
    cache-control: no-store
    <!doctype html>
    <html lang="en">
    <meta charset="utf-8">
    <title>Inbox</title>
    <link rel="stylesheet" href="/inbox.css">
    <h1>Inbox</h1>
    <p>No messages.</p>
    "#);
    assert_eq!(server.bare("GET", "/inbox.json", &[]).await.text, "[]");
}

#[tokio::test]
async fn newest_first() {
    let server = TestServer::start().await;
    for name in ["alice@example.com", "bob@example.com", "a+b@example.com"] {
        server.email_mfa_user(name, &[]).await;
        mail(&server, name).await;
    }
    let all = ["a+b@example.com", "bob@example.com", "alice@example.com"];
    assert_eq!(addresses(&server, "").await, all);
    let bob = server.engine.get_user(&operator(), &POOL.into(), "bob@example.com").await.unwrap();
    let by_user = format!("?user={}", bob.username.as_str());
    for (query, expected) in [
        ("?to=bob@example.com", &all[1..2]),
        ("?to=BOB%40example.com", &all[1..2]),
        ("?to=a%2Bb@example.com", &all[..1]),
        ("?to=a+b@example.com", &[]),
        (&by_user, &all[1..2]),
        ("?to=alice@example.com&user=nobody", &[]),
        ("?to=nobody@example.com", &[]),
        ("?to=%25", &[]),
        ("?to=", &all),
        ("?other=1", &all),
    ] {
        assert_eq!(addresses(&server, query).await, expected, "{query}");
    }
}

/// A user whose name, address and password are as bad as the server lets them be.
async fn with_a_hostile_invitation() -> TestServer {
    let mut config = config(Path::new(""));
    config.pools[1].username_attributes.clear();
    let server = TestServer::with(config).await;
    let mut attributes = Attributes::default();
    attributes.set("email", ADDRESS);
    let new = NewUser {
        pool: OTHER_POOL.into(),
        username: NAME.to_owned(),
        attributes,
        temporary_password: Some(Secret::from(PASSWORD_WITH_MARKUP)),
        kind: poolkeeper_pool::entity::Kind::Person,
        invitation: Invitation::Send,
        mediums: Vec::new(),
        force_alias: false,
        groups: Vec::new(),
    };
    server.engine.create_user(&operator(), new).await.unwrap();
    server
}

#[tokio::test]
async fn nothing_in_a_message_becomes_markup() {
    let server = with_a_hostile_invitation().await;
    let page = server.bare("GET", "/inbox", &[]).await;
    assert_snapshot!(page.text, @r#"
    <!doctype html>
    <html lang="en">
    <meta charset="utf-8">
    <title>Inbox</title>
    <link rel="stylesheet" href="/inbox.css">
    <h1>Inbox</h1>
    <article>
    <h2>Your temporary password</h2>
    <dl>
    <dt>At</dt><dd>2026-01-02T03:04:05Z</dd>
    <dt>To</dt><dd>o&#39;brien&amp;co@example.com</dd>
    <dt>User</dt><dd>&lt;img/src=x/onerror=alert(&#39;1&#39;)&gt;</dd>
    <dt>Channel</dt><dd>email</dd>
    <dt>Purpose</dt><dd>invitation</dd>
    <dt>Code</dt><dd>Aa1!&lt;/pre&gt;&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;</dd>
    </dl>
    <pre>Your username is o&#39;brien&amp;co@example.com and temporary password is Aa1!&lt;/pre&gt;&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;.</pre>
    </article>
    "#);
    let json = server.bare("GET", "/inbox.json", &[]).await;
    assert_eq!(json.header("content-type"), Some("application/json"));
    // Nor does what a visitor types.
    let page = server.bare("GET", "/inbox?to=%3Cscript%3E", &[]).await;
    assert!(!page.text.contains("<script>"));
}

#[tokio::test]
async fn one_message_as_json() {
    let server = with_a_hostile_invitation().await;
    let answer = server.bare("GET", "/inbox.json", &[]).await;
    assert_snapshot!(answer.show_with(&["cache-control", "access-control-allow-origin"]), @r#"
    200 OK
    cache-control: no-store
    access-control-allow-origin: -
    [
      {
        "at": "2026-01-02T03:04:05Z",
        "body": "Your username is o'brien&co@example.com and temporary password is Aa1!</pre><script>alert(\"1\")</script>.",
        "channel": "email",
        "code": "Aa1!</pre><script>alert(\"1\")</script>",
        "purpose": "invitation",
        "subject": "Your temporary password",
        "to": "o'brien&co@example.com",
        "username": "<img/src=x/onerror=alert('1')>"
      }
    ]
    "#);
}

#[tokio::test]
async fn style_paths_and_methods() {
    let server = TestServer::start().await;
    let style = server.bare("GET", "/inbox.css", &[]).await;
    assert_eq!(style.header("content-type"), Some("text/css; charset=utf-8"));
    let mut rows = Vec::new();
    for line in
        ["POST /inbox", "DELETE /inbox.json", "OPTIONS /inbox", "GET /inbox/x", "GET /INBOX"]
    {
        let answer = server.call(line, &[("origin", "https://a.example.com")], "").await;
        let headers = ["allow", "access-control-allow-origin"];
        rows.push(format!("{line}: {}", answer.row(&headers)));
    }
    assert_snapshot!(rows.join("\n"), @r#"
    POST /inbox: 405 Method Not Allowed {"message":"Method Not Allowed"} allow: GET,HEAD
    DELETE /inbox.json: 405 Method Not Allowed {"message":"Method Not Allowed"} allow: GET,HEAD
    OPTIONS /inbox: 405 Method Not Allowed {"message":"Method Not Allowed"} allow: GET,HEAD
    GET /inbox/x: 404 Not Found {"message":"Not Found"}
    GET /INBOX: 404 Not Found {"message":"Not Found"}
    "#);
}

#[tokio::test]
async fn off_means_off() {
    let mut config = config(Path::new(""));
    config.inbox = false;
    let server = TestServer::with(config).await;
    for path in ["/inbox", "/inbox.json", "/inbox.css"] {
        assert_eq!(server.bare("GET", path, &[]).await.status, 404, "{path}");
    }
}
