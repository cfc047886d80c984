use super::{ACME, ALICE, attempt, signed_in, with_mfa};
use crate::support::{OTHER_POOL, PASSWORD, TestServer, claims};
use insta::assert_snapshot;
use poolkeeper::system::operator;
use poolkeeper_pool::backend::administration::{Administration as _, NewServiceAccount};
use poolkeeper_pool::crypto::secret::Secret;
use poolkeeper_pool::entity::{Kind, MfaMode, User, UserStatus};
use poolkeeper_pool::error::Result;
use serde_json::json;

const BOT: &str = "pricing-bot";

async fn create(server: &TestServer, name: &str, groups: &[&str]) -> Result<(User, Secret)> {
    let new = NewServiceAccount {
        pool: server.main_pool(),
        username: name.to_owned(),
        attributes: [("name", "Pricing")].into_iter().collect(),
        groups: groups.iter().map(|group| (*group).into()).collect(),
    };
    server.engine.create_service_account(&operator(), new).await
}

async fn refused(server: &TestServer, name: &str, groups: &[&str]) -> String {
    create(server, name, groups).await.unwrap_err().to_string()
}

#[tokio::test]
async fn it_signs_in_without_a_second_factor_where_people_need_one() {
    let server = TestServer::with(with_mfa(MfaMode::On)).await;
    let (user, secret) = create(&server, BOT, &[ACME]).await.unwrap();
    let answer = attempt(&server, BOT, secret.expose()).await;
    assert_eq!(answer.show(), signed_in(None));
    let claims = claims(&answer.get("/IdToken"));
    assert_eq!(claims["sub"], user.sub.as_str());
    assert_eq!(claims["cognito:username"], BOT);
    assert_eq!(claims["cognito:groups"], json!([ACME]));

    server.user(ALICE, &[ACME]).await;
    assert_eq!(attempt(&server, ALICE, PASSWORD).await.get("/Challenge"), "EMAIL_OTP");
}

#[tokio::test]
async fn it_is_complete_at_once_and_its_secret_is_long() {
    let server = TestServer::start().await;
    let (user, secret) = create(&server, BOT, &[ACME, "fd42"]).await.unwrap();
    assert_eq!((user.kind, user.status), (Kind::Service, UserStatus::Confirmed));
    assert_eq!(user.attributes.get("name"), Some("Pricing"));
    // 44 of 62 characters: 261 bits.
    assert!(
        secret.expose().len() == 44 && secret.expose().bytes().all(|b| b.is_ascii_alphanumeric())
    );
    let (_, other) = create(&server, "other-bot", &[]).await.unwrap();
    assert_ne!(secret.expose(), other.expose());
    let stored = user.password.unwrap();
    assert!(!String::from_utf8_lossy(stored.as_bytes()).contains(secret.expose()));
    let found = server.found(BOT).await;
    assert_eq!((found.kind, found.enabled), (Kind::Service, true));
    let groups = server.engine.groups_of(&operator(), &server.main_pool(), BOT).await.unwrap();
    let groups: Vec<_> = groups.iter().map(|group| group.name.as_str()).collect();
    assert_eq!(groups, ["fd42", ACME]);
}

#[tokio::test]
async fn what_is_refused_leaves_nothing_behind() {
    let server = TestServer::start().await;
    let error = refused(&server, BOT, &[ACME, "no-group"]).await;
    assert_eq!(error, "there is no group no-group");
    assert!(server.engine.user(&operator(), &server.main_pool(), BOT).await.is_err());
    let (bot, _) = create(&server, BOT, &[]).await.unwrap();
    let refusals = [
        ("in other capitals", refused(&server, "Pricing-Bot", &[]).await),
        ("a sub", refused(&server, bot.sub.as_str(), &[]).await),
        ("invisible", refused(&server, "\u{200b}", &[]).await),
    ];
    let refusals = refusals.map(|(what, refusal)| format!("{what}: {refusal}"));
    assert_snapshot!(refusals.join("\n"), @"
    in other capitals: the username is taken
    a sub: the username is taken
    invisible: the username has no visible characters
    ");
}

/// In this pool the e-mail address takes the username's place.
#[tokio::test]
async fn an_address_is_one_person_s_or_one_program_s() {
    let server = TestServer::start().await;
    server.user(ALICE, &[ACME]).await;
    assert_eq!(refused(&server, ALICE, &[]).await, "the username is taken");
    let (user, secret) = create(&server, "bot@example.com", &[ACME]).await.unwrap();
    assert_eq!(user.username.as_str(), user.sub.as_str());
    assert_eq!(user.attributes.get("email"), Some("bot@example.com"));
    assert_eq!(attempt(&server, "bot@example.com", secret.expose()).await.status, 200);
}

#[tokio::test]
async fn a_person_is_put_into_groups_by_the_same_commit() {
    use poolkeeper_pool::backend::administration::{Invitation, NewUser};
    let server = TestServer::start().await;
    let new = |groups: &[&str]| NewUser {
        pool: OTHER_POOL.into(),
        username: "ann@example.com".to_owned(),
        attributes: [("email", "ann@example.com")].into_iter().collect(),
        temporary_password: None,
        kind: Kind::Person,
        invitation: Invitation::Send,
        mediums: Vec::new(),
        force_alias: false,
        groups: groups.iter().map(|group| (*group).into()).collect(),
    };
    // Groups are a pool's own: this one is of another.
    let refusal = server.engine.admin_create_user(&operator(), new(&[ACME])).await.unwrap_err();
    assert_eq!(refusal.to_string(), "there is no group partner-id-acme");
    assert!(server.engine.user(&operator(), &OTHER_POOL.into(), "ann@example.com").await.is_err());
    assert!(server.engine.outbox(1).await.unwrap().is_empty());

    let new = NewUser { pool: server.main_pool(), ..new(&[ACME]) };
    let user = server.engine.admin_create_user(&operator(), new).await.unwrap();
    assert_eq!(user.status, UserStatus::ForceChangePassword);
    let groups =
        server.engine.groups_of(&operator(), &server.main_pool(), user.sub.as_str()).await.unwrap();
    assert_eq!(groups.len(), 1);
    assert_eq!(server.newest_code().await.1, "ann@example.com");
}
